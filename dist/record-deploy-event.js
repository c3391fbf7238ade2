import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-KPJ4XSSG.js";import"./chunks/chunk-7VDQJF7L.js";import"./chunks/chunk-5XVNNW2S.js";import"./chunks/chunk-SZ62CVUF.js";import{d as o}from"./chunks/chunk-HJM32QT2.js";import"./chunks/chunk-EZXU2AYI.js";import"./chunks/chunk-J7F62IUV.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{ya as r}from"./chunks/chunk-7VQOYZGY.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
