import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{j as o,k as r}from"./chunk-P2U4MFTN.js";import"./chunk-42N5TAYE.js";import"./chunk-4S7YKY3H.js";import"./chunk-O3UXVLHD.js";import"./chunk-GOHKR6WQ.js";export{r as inputSchema,o as jsonSchemas};
