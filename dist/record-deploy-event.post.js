import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-UAX6VUWE.js";import"./chunks/chunk-JBGXUS3L.js";import"./chunks/chunk-XBBE6CVI.js";import"./chunks/chunk-BOSCSD6R.js";import{d as r}from"./chunks/chunk-5Z27DWHU.js";import"./chunks/chunk-6HHLDCOW.js";import"./chunks/chunk-LR75DWGK.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{za as o}from"./chunks/chunk-HYOSSYOA.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
