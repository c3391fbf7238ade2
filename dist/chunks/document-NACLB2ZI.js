import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{a as o}from"./chunk-QMPKZTP4.js";import"./chunk-BQL63BIR.js";import"./chunk-NOQSNSXV.js";import"./chunk-3VH6ZDA3.js";export{o as parseText};
