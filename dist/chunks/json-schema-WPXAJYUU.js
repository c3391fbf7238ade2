import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{j as o,k as r}from"./chunk-JKKR6II7.js";import"./chunk-DVRPKFMR.js";import"./chunk-ZCJ3RB3C.js";import"./chunk-AWRPLAST.js";import"./chunk-GOHKR6WQ.js";export{r as inputSchema,o as jsonSchemas};
