import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{La as o,Qa as t,zb as r}from"./chunks/chunk-BAYXBLDK.js";import"./chunks/chunk-GOHKR6WQ.js";await o(t,r);
