import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-T4T6KH5L.js";import"./chunks/chunk-27SW7DQQ.js";import"./chunks/chunk-MXTJRMDK.js";import"./chunks/chunk-FV7U6HQH.js";import{d as r}from"./chunks/chunk-JQORD24Y.js";import"./chunks/chunk-R3OJGNX3.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-XGYNNDES.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Na as o}from"./chunks/chunk-USOWHOBE.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
