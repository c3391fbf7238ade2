import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{a as m}from"./chunks/chunk-2G2K2TCJ.js";import"./chunks/chunk-CAVYJPIJ.js";import"./chunks/chunk-6GNKE7TV.js";import"./chunks/chunk-333DLNMV.js";import{d as o}from"./chunks/chunk-YOPBL3QL.js";import"./chunks/chunk-OFRS64LM.js";import"./chunks/chunk-BUABXNYU.js";import"./chunks/chunk-4QOQRQPM.js";import"./chunks/chunk-FHF62KDE.js";import{xa as r}from"./chunks/chunk-UYXCZK2V.js";import"./chunks/chunk-3VH6ZDA3.js";await r(o,m);
