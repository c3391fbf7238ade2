import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-LU5ANVUU.js";import"./chunk-6LPO5IG7.js";import"./chunk-AWRPLAST.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
