import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-E4HWFXSS.js";import"./chunk-GOP5VFNQ.js";import"./chunk-D7XUAPOH.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
