import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{d as r}from"./chunks/chunk-PCSQQUT4.js";import{Fa as t,wa as o}from"./chunks/chunk-3FCGF72I.js";import"./chunks/chunk-3VH6ZDA3.js";await o(r,t);
