import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-LXR56LHM.js";import"./chunks/chunk-4I2RTZK4.js";import"./chunks/chunk-X3N2VMUN.js";import"./chunks/chunk-5QHORH5G.js";import{d as r}from"./chunks/chunk-TFQDH2F4.js";import"./chunks/chunk-F7VTTT5B.js";import"./chunks/chunk-FAANCONM.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Ba as o}from"./chunks/chunk-7XSA4EF4.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
