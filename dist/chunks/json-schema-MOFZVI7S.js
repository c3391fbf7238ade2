import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{j as o,k as r}from"./chunk-WSJSY5W6.js";import"./chunk-42N5TAYE.js";import"./chunk-4S7YKY3H.js";import"./chunk-XNKEO3KJ.js";import"./chunk-GOHKR6WQ.js";export{r as inputSchema,o as jsonSchemas};
