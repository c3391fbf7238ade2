import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{d as r}from"./chunks/chunk-TQTLP4QI.js";import{Ha as t,xa as o}from"./chunks/chunk-NOQSNSXV.js";import"./chunks/chunk-3VH6ZDA3.js";await o(r,t);
