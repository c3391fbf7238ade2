import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-DLUMK6DQ.js";import"./chunks/chunk-NPPEYQTQ.js";import"./chunks/chunk-GC74VOQB.js";import"./chunks/chunk-JBEK3GOV.js";import{d as o}from"./chunks/chunk-ETIU7EH3.js";import"./chunks/chunk-WDFWQXQH.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-ZCJ3RB3C.js";import{La as r}from"./chunks/chunk-T7GMGTFO.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
