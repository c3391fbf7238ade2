import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-TREMDAS6.js";import"./chunk-GOP5VFNQ.js";import"./chunk-OAW7Z7QE.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
