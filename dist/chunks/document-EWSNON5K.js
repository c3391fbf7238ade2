import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-BD4J5TTT.js";import"./chunk-GOP5VFNQ.js";import"./chunk-I7YMBJSH.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
