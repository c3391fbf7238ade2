import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-FVJ2AVRS.js";import"./chunks/chunk-7BLZM4QA.js";import"./chunks/chunk-ZUGZQOKP.js";import"./chunks/chunk-YI5INQ3Y.js";import{d as r}from"./chunks/chunk-EFFKSEAR.js";import"./chunks/chunk-2ZRAFHLR.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-64LQOIK3.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Na as o}from"./chunks/chunk-NV6F6XKP.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
