import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-HPY6XEYG.js";import"./chunks/chunk-ZQGVSTGX.js";import"./chunks/chunk-ICX6PIND.js";import"./chunks/chunk-SVGAYIRZ.js";import{d as r}from"./chunks/chunk-YFI4YECG.js";import"./chunks/chunk-TSYXY3DM.js";import"./chunks/chunk-M5UDZCCF.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{za as o}from"./chunks/chunk-RGSHMAEP.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
