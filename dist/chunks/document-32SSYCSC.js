import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-CHX2M2XM.js";import"./chunk-6LPO5IG7.js";import"./chunk-BAYXBLDK.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
