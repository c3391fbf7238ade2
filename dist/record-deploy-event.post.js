import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-ZP5DERWB.js";import"./chunks/chunk-EIZMKDTY.js";import"./chunks/chunk-5DSLCOYK.js";import"./chunks/chunk-SQKBQDNY.js";import{d as r}from"./chunks/chunk-G4OAB2U3.js";import"./chunks/chunk-KJ75WPJ5.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-3UV2IZEN.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Na as o}from"./chunks/chunk-PZUXJ7NX.js";import"./chunks/chunk-GOHKR6WQ.js";await o(r,m);
