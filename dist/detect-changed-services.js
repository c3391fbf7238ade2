import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{d as r}from"./chunks/chunk-6OKQPLXS.js";import{Fa as t,wa as o}from"./chunks/chunk-XEDSMSBT.js";import"./chunks/chunk-3VH6ZDA3.js";await o(r,t);
