import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-OD5543TQ.js";import"./chunks/chunk-F2PMJG3I.js";import"./chunks/chunk-W33YHNB4.js";import"./chunks/chunk-KZQMV227.js";import{d as o}from"./chunks/chunk-2UOM6CO5.js";import"./chunks/chunk-MXGKADCZ.js";import"./chunks/chunk-LNYEHZN7.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Aa as r}from"./chunks/chunk-O3UXVLHD.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
