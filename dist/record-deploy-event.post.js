import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-GXPVTWRG.js";import"./chunks/chunk-O7NNYZ6T.js";import"./chunks/chunk-BIPN3WHQ.js";import"./chunks/chunk-LNR5FKB6.js";import{d as r}from"./chunks/chunk-NDKZHP5J.js";import"./chunks/chunk-2TGYCNPH.js";import"./chunks/chunk-M4BQGVSR.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Ba as o}from"./chunks/chunk-BJQGZYNK.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
