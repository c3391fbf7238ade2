import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-VXSFWMNP.js";import"./chunks/chunk-P64WIIQ4.js";import"./chunks/chunk-E5NMX3EO.js";import"./chunks/chunk-PVJY36VH.js";import{d as o}from"./chunks/chunk-MHGRZRKF.js";import"./chunks/chunk-S2HOY7PM.js";import"./chunks/chunk-KML7IKKZ.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{ya as r}from"./chunks/chunk-4TQ4M3M4.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
