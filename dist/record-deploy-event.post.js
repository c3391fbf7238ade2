import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-ZB4XKRP6.js";import"./chunks/chunk-JWE5QE34.js";import"./chunks/chunk-XDNZT7PQ.js";import"./chunks/chunk-Y3H7QJJC.js";import{d as r}from"./chunks/chunk-YY6J5XO7.js";import"./chunks/chunk-HOOKBBTX.js";import"./chunks/chunk-HHW2637D.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Ba as o}from"./chunks/chunk-SP5BJAAD.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
