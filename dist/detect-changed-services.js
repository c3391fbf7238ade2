import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-S2HOY7PM.js";import{_a as t,ya as o}from"./chunks/chunk-4TQ4M3M4.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
