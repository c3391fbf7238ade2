import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-VYYIRROH.js";import"./chunks/chunk-ALHNHQKC.js";import"./chunks/chunk-NUX6YCZQ.js";import"./chunks/chunk-ZNXGRVAF.js";import{d as o}from"./chunks/chunk-AZ5AOIX7.js";import"./chunks/chunk-XMRJHR56.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-ZCJ3RB3C.js";import{La as r}from"./chunks/chunk-GXHCJZET.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
