import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o,b as r}from"./chunk-JDE7PHS4.js";import"./chunk-NDB3OHU5.js";import"./chunk-GOHKR6WQ.js";export{o as openDeployments,r as openRemoteCheckout};
