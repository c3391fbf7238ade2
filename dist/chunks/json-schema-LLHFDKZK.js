import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{j as o,k as r}from"./chunk-OAV7UAJT.js";import"./chunk-4QOQRQPM.js";import"./chunk-FHF62KDE.js";import"./chunk-NOQSNSXV.js";import"./chunk-3VH6ZDA3.js";export{r as inputSchema,o as jsonSchemas};
