import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-KR5HEXYT.js";import"./chunks/chunk-NAD2EM6B.js";import"./chunks/chunk-DKZ7VT6E.js";import"./chunks/chunk-ZS5RGI34.js";import{d as r}from"./chunks/chunk-IPBR4SWL.js";import"./chunks/chunk-F4IK3OX3.js";import"./chunks/chunk-THUDTT5J.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Ba as o}from"./chunks/chunk-VNLW4KLP.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
