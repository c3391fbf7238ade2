import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{j as o,k as r}from"./chunk-GDWB4KJD.js";import"./chunk-E6PIQHIU.js";import"./chunk-LYCZJ3LM.js";import"./chunk-I7YMBJSH.js";import"./chunk-GOHKR6WQ.js";export{r as inputSchema,o as jsonSchemas};
