import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-CM22AJU2.js";import{$a as t,ya as o}from"./chunks/chunk-TPT2S7YN.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
