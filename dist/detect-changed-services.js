import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-WARRCRBH.js";import{Aa as o,db as t}from"./chunks/chunk-XNKEO3KJ.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
