import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-HZT5GPVU.js";import"./chunks/chunk-43KUIRRJ.js";import"./chunks/chunk-AQUJ2UXN.js";import"./chunks/chunk-L4Y5TAQO.js";import{d as r}from"./chunks/chunk-MTR733OM.js";import"./chunks/chunk-NRTHMD74.js";import"./chunks/chunk-TBU427XZ.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{za as o}from"./chunks/chunk-X7LREJQA.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
