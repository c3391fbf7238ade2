import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{j as o,k as r}from"./chunk-Z4ES33PU.js";import"./chunk-42N5TAYE.js";import"./chunk-4S7YKY3H.js";import"./chunk-SP5BJAAD.js";import"./chunk-GOHKR6WQ.js";export{r as inputSchema,o as jsonSchemas};
