import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-7NWCODVI.js";import"./chunks/chunk-LAFYCCSK.js";import"./chunks/chunk-7W323BMS.js";import"./chunks/chunk-6S2LRUFD.js";import{d as r}from"./chunks/chunk-N43Q2M2J.js";import"./chunks/chunk-SLMTEYS5.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Ma as o}from"./chunks/chunk-BAYXBLDK.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
