import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-6WSVNTRC.js";import"./chunks/chunk-NBRJVXZX.js";import"./chunks/chunk-E2T7TE24.js";import"./chunks/chunk-57CTVNSZ.js";import{d as o}from"./chunks/chunk-TJ62TF36.js";import"./chunks/chunk-WARRCRBH.js";import"./chunks/chunk-4DN7N4KB.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Aa as r}from"./chunks/chunk-XNKEO3KJ.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
