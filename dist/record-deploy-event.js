import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-OVAB3VEX.js";import"./chunks/chunk-EVOOTQBI.js";import"./chunks/chunk-RPURKFC2.js";import"./chunks/chunk-GMDU2GQC.js";import{d as o}from"./chunks/chunk-CKAJB2CF.js";import"./chunks/chunk-CM22AJU2.js";import"./chunks/chunk-GIIEBSQY.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{ya as r}from"./chunks/chunk-TPT2S7YN.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
