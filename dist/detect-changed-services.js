import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{Ib as r,Na as o,Sa as t}from"./chunks/chunk-AWRPLAST.js";import"./chunks/chunk-GOHKR6WQ.js";await o(t,r);
