import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as m}from"./chunks/chunk-M5D7222Y.js";import"./chunks/chunk-56OJOP2J.js";import"./chunks/chunk-Z4RKGMU3.js";import"./chunks/chunk-654AEOQX.js";import{d as o}from"./chunks/chunk-ORUJBGAF.js";import"./chunks/chunk-D552MBWJ.js";import"./chunks/chunk-DVRPKFMR.js";import"./chunks/chunk-SHMXIV7R.js";import"./chunks/chunk-ZCJ3RB3C.js";import{Ma as r}from"./chunks/chunk-FEB2F5NJ.js";import"./chunks/chunk-GOHKR6WQ.js";await r(o,m);
