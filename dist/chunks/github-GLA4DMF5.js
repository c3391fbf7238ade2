import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{a as o,b as r}from"./chunk-XKTPC4JA.js";import"./chunk-XEDSMSBT.js";import"./chunk-3VH6ZDA3.js";export{o as openDeployments,r as openRemoteCheckout};
