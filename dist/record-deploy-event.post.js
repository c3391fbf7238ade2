import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-S4OI2R35.js";import"./chunks/chunk-7GOC7WUI.js";import"./chunks/chunk-YRIERZAA.js";import"./chunks/chunk-GKLJ2QFJ.js";import{d as r}from"./chunks/chunk-JY7SPHJZ.js";import"./chunks/chunk-7SVFGKAI.js";import"./chunks/chunk-E6PIQHIU.js";import"./chunks/chunk-F4TMLMOK.js";import"./chunks/chunk-LYCZJ3LM.js";import{Na as o}from"./chunks/chunk-I7YMBJSH.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
