import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-EZXU2AYI.js";import{$a as t,ya as o}from"./chunks/chunk-7VQOYZGY.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
