import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as o}from"./chunk-O4S7TWUE.js";import"./chunk-6LPO5IG7.js";import"./chunk-4TQ4M3M4.js";import"./chunk-GOHKR6WQ.js";export{o as parseText};
