import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-JTUJ4VQH.js";import"./chunk-GOP5VFNQ.js";import"./chunk-TL4VVDJT.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
