import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-C3CQC6WF.js";import"./chunks/chunk-QVCYY5ZL.js";import"./chunks/chunk-XZPKPJ6E.js";import"./chunks/chunk-7OHR7DIE.js";import{d as r}from"./chunks/chunk-WZDXM44W.js";import"./chunks/chunk-JT6MS7AO.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Ma as o}from"./chunks/chunk-LNAA43IP.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
