import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-7KWIV3ZM.js";import"./chunks/chunk-FMYZPGWA.js";import"./chunks/chunk-HCK2R4TZ.js";import"./chunks/chunk-57Q5VFVP.js";import{d as o}from"./chunks/chunk-6MIO3GQN.js";import"./chunks/chunk-JTJXWSKI.js";import"./chunks/chunk-W5DN7G2A.js";import"./chunks/chunk-42N5TAYE.js";import"./chunks/chunk-4S7YKY3H.js";import{Aa as r}from"./chunks/chunk-HD7TRMQV.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
