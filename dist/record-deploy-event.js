import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-55U3KA7D.js";import"./chunks/chunk-QGB3WMJR.js";import"./chunks/chunk-D6OV4A65.js";import"./chunks/chunk-SHAENG2N.js";import{d as o}from"./chunks/chunk-KK6FYI7U.js";import"./chunks/chunk-JNNV54TW.js";import"./chunks/chunk-E6PIQHIU.js";import"./chunks/chunk-LYCZJ3LM.js";import{La as r}from"./chunks/chunk-TST3A3WA.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
