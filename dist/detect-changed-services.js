import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{Ab as r,La as o,Qa as t}from"./chunks/chunk-T7GMGTFO.js";import"./chunks/chunk-GOHKR6WQ.js";await o(t,r);
