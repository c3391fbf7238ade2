import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{d as r}from"./chunks/chunk-TEVJSIBS.js";import{cb as t,za as o}from"./chunks/chunk-L7ALP5OH.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,t);
