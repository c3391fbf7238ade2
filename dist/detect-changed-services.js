import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-WDL2D7YP.js";import{Aa as o,eb as t}from"./chunks/chunk-PPAZHMCX.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
