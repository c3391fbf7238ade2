import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-FCDP2GCP.js";import"./chunks/chunk-LUPVGF7W.js";import"./chunks/chunk-QUZVGTGI.js";import"./chunks/chunk-QQOOFLGC.js";import{d as r}from"./chunks/chunk-UYVCPEZ5.js";import"./chunks/chunk-GWAOSDNM.js";import"./chunks/chunk-75XNWXSH.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Ba as o}from"./chunks/chunk-EEKMSWCK.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
