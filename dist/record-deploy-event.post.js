import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-PBOYTZKT.js";import"./chunks/chunk-VF5MU6IO.js";import"./chunks/chunk-LFX3WVDA.js";import"./chunks/chunk-YFYE6F4W.js";import{d as r}from"./chunks/chunk-H5MXGBD5.js";import"./chunks/chunk-BCRLCCEF.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-SLMW5MKM.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Na as o}from"./chunks/chunk-CCGG47ZV.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
