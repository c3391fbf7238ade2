import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-VRATVXR2.js";import"./chunks/chunk-MAG6SOFD.js";import"./chunks/chunk-UXX3AI46.js";import"./chunks/chunk-ZD7EYOIK.js";import{d as o}from"./chunks/chunk-XMUSU47O.js";import"./chunks/chunk-U4QEV4IQ.js";import"./chunks/chunk-E6PIQHIU.js";import"./chunks/chunk-LYCZJ3LM.js";import{La as r}from"./chunks/chunk-D7XUAPOH.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
