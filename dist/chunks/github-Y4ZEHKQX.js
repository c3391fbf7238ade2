import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{a as o,b as r}from"./chunk-5QIB3ICW.js";import"./chunk-NOQSNSXV.js";import"./chunk-3VH6ZDA3.js";export{o as openDeployments,r as openRemoteCheckout};
