import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-EJF2S2ND.js";import{Ba as o,fb as t}from"./chunks/chunk-TL4VVDJT.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
