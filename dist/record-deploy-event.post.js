import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-V4LWGU53.js";import"./chunks/chunk-W4OL3COB.js";import"./chunks/chunk-7B74VDUX.js";import"./chunks/chunk-KFNZFYR3.js";import{d as r}from"./chunks/chunk-HUNASQTN.js";import"./chunks/chunk-WDL2D7YP.js";import"./chunks/chunk-V33Z6QS6.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Ba as o}from"./chunks/chunk-PPAZHMCX.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
