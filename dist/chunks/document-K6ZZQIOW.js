import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-6P7X76PD.js";import"./chunk-6LPO5IG7.js";import"./chunk-GIBCNGKV.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
