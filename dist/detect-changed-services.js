import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-AV4AGPMZ.js";import{_a as t,ya as o}from"./chunks/chunk-5NZORH2L.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
