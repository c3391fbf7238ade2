import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{a as p,b as a,c as f,d as n,g as e,h as t,i,j as m}from"./chunk-UMNLHTSJ.js";import{a as r,d as c}from"./chunk-DX7SMZSH.js";var d={};c(d,{ZodISODate:()=>t,ZodISODateTime:()=>e,ZodISODuration:()=>m,ZodISOTime:()=>i,date:()=>s,datetime:()=>x,duration:()=>O,time:()=>S});function x(o){return p(e,o)}r(x,"datetime");function s(o){return a(t,o)}r(s,"date");function S(o){return f(i,o)}r(S,"time");function O(o){return n(m,o)}r(O,"duration");export{d as a};
