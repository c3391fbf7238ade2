import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-2BL263N3.js";import"./chunk-GOP5VFNQ.js";import"./chunk-TST3A3WA.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
