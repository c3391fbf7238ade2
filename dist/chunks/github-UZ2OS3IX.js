import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o,b as r}from"./chunk-45SFYDMU.js";import"./chunk-2HEDMR5L.js";import"./chunk-GOHKR6WQ.js";export{o as openDeployments,r as openRemoteCheckout};
