import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o,b as r}from"./chunk-5DSLCOYK.js";import"./chunk-PZUXJ7NX.js";import"./chunk-GOHKR6WQ.js";export{o as openDeployments,r as openRemoteCheckout};
