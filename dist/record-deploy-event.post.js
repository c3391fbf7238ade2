import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{a as m}from"./chunks/chunk-FGBF6MDF.js";import"./chunks/chunk-RC64YNRO.js";import"./chunks/chunk-5QIB3ICW.js";import"./chunks/chunk-Q5ANHNDJ.js";import{d as r}from"./chunks/chunk-5UE6VQEA.js";import"./chunks/chunk-TQTLP4QI.js";import"./chunks/chunk-PHUBZHDG.js";import"./chunks/chunk-4QOQRQPM.js";import"./chunks/chunk-FHF62KDE.js";import{ya as o}from"./chunks/chunk-NOQSNSXV.js";import"./chunks/chunk-3VH6ZDA3.js";await o(r,m);
