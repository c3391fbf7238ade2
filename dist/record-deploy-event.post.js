import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-IJGHV7VT.js";import"./chunks/chunk-2NW6K2GW.js";import"./chunks/chunk-CVBZOEFN.js";import"./chunks/chunk-FHMWLFKY.js";import{d as r}from"./chunks/chunk-36T2KUJA.js";import"./chunks/chunk-THFDVODO.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Ma as o}from"./chunks/chunk-TCZTTSYO.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
