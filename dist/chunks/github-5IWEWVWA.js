import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o,b as r}from"./chunk-JEUA3OO3.js";import"./chunk-AWRPLAST.js";import"./chunk-GOHKR6WQ.js";export{o as openDeployments,r as openRemoteCheckout};
