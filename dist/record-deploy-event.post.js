import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-LGRBSSY3.js";import"./chunks/chunk-QR5N6AGC.js";import"./chunks/chunk-T6TDCZHH.js";import"./chunks/chunk-5ZWYZITL.js";import{d as r}from"./chunks/chunk-N6UYBS2C.js";import"./chunks/chunk-7TOFUDCG.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-J3RJDZRA.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Na as o}from"./chunks/chunk-IDFBDTJ3.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
