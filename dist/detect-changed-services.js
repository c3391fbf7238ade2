import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-LIYO7JOU.js";import{$a as t,ya as o}from"./chunks/chunk-WSKPH72K.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
