import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-XBG5L4B5.js";import"./chunks/chunk-EFISLPH3.js";import"./chunks/chunk-7CDCRRPG.js";import"./chunks/chunk-TXWIES3G.js";import{d as r}from"./chunks/chunk-2Y2AOSM3.js";import"./chunks/chunk-LIYO7JOU.js";import"./chunks/chunk-MP67VAQS.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{za as o}from"./chunks/chunk-WSKPH72K.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
