import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{Hb as r,Ma as o,Ra as t}from"./chunks/chunk-36OFJSDU.js";import"./chunks/chunk-GOHKR6WQ.js";await o(t,r);
