import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o,b as r}from"./chunk-D6OV4A65.js";import"./chunk-TST3A3WA.js";import"./chunk-GOHKR6WQ.js";export{o as openDeployments,r as openRemoteCheckout};
