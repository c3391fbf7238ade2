import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-HYJP2WZ6.js";import"./chunks/chunk-5WSHZH7B.js";import"./chunks/chunk-DIL6S7CR.js";import"./chunks/chunk-LUSSLRJQ.js";import{d as r}from"./chunks/chunk-UYPHVTIA.js";import"./chunks/chunk-TEVJSIBS.js";import"./chunks/chunk-P7KY24ZS.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Aa as o}from"./chunks/chunk-L7ALP5OH.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
