import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-W7U55ZAQ.js";import"./chunks/chunk-6SFP7ABC.js";import"./chunks/chunk-IZVDYEAI.js";import"./chunks/chunk-ZLFQ3IWD.js";import{d as r}from"./chunks/chunk-CAEDZQUR.js";import"./chunks/chunk-AV4AGPMZ.js";import"./chunks/chunk-MDUBVDLT.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{za as o}from"./chunks/chunk-5NZORH2L.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
