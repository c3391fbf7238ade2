import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-WLIYORJB.js";import"./chunks/chunk-OH2VVNEK.js";import"./chunks/chunk-45SFYDMU.js";import"./chunks/chunk-AZECMKXZ.js";import{d as o}from"./chunks/chunk-R2TQNCNS.js";import"./chunks/chunk-VHWE7ZCG.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-ZCJ3RB3C.js";import{La as r}from"./chunks/chunk-2HEDMR5L.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
