import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-QZP36P3M.js";import"./chunks/chunk-GVGGHWZC.js";import"./chunks/chunk-3BLZPKES.js";import"./chunks/chunk-RWUK3JXA.js";import{d as r}from"./chunks/chunk-BK4TA3NR.js";import"./chunks/chunk-VVADMHE3.js";import"./chunks/chunk-E6PIQHIU.js";import"./chunks/chunk-LYCZJ3LM.js";import{Ma as o}from"./chunks/chunk-OAW7Z7QE.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
