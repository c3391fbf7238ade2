import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-XB5KJ4MK.js";import"./chunks/chunk-LXCKRFGU.js";import"./chunks/chunk-LEL5JDPO.js";import"./chunks/chunk-EZMX6HLY.js";import{d as o}from"./chunks/chunk-6AOH2T6S.js";import"./chunks/chunk-EJF2S2ND.js";import"./chunks/chunk-HBPDGXOU.js";import"./chunks/chunk-E6PIQHIU.js";import"./chunks/chunk-LYCZJ3LM.js";import{Ba as r}from"./chunks/chunk-TL4VVDJT.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
