import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-DZH5ZQFP.js";import"./chunks/chunk-36NOI4L2.js";import"./chunks/chunk-JDE7PHS4.js";import"./chunks/chunk-4TTI54PZ.js";import{d as r}from"./chunks/chunk-LDLVUASX.js";import"./chunks/chunk-XBMFBYA3.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-6SPN5472.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Na as o}from"./chunks/chunk-NDB3OHU5.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
