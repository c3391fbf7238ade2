import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{j as o,k as r}from"./chunk-4PPOX2PL.js";import"./chunk-GCCB4UXW.js";import"./chunk-UJT2EW3S.js";import"./chunk-3FCGF72I.js";import"./chunk-3VH6ZDA3.js";export{r as inputSchema,o as jsonSchemas};
