import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-YS6P2GCD.js";import"./chunks/chunk-BRJSHFF4.js";import"./chunks/chunk-ISYVI7AL.js";import"./chunks/chunk-E4IIU7FJ.js";import{d as r}from"./chunks/chunk-U5C34Z6J.js";import"./chunks/chunk-DNBN5G3I.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-KOL5I6HV.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Na as o}from"./chunks/chunk-GIBCNGKV.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
