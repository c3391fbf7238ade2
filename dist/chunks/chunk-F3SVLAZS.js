import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{a as t}from"./chunk-6LPO5IG7.js";import{d as e}from"./chunk-GOHKR6WQ.js";var n=e(t(),1);function o(r){try{return(0,n.parse)(r,{logLevel:"silent"})??{}}catch{return}}export{o as a};
