import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
import{t as o}from"./chunk-LIP5F2K6.js";function m({stream:n,team:r,settings:e,commit:t,...a}){return{stream:n,class:a.class,team:r,strategy:e?.strategy.kind??"rolling",commitTitle:t.title,commitDate:t.date,hold:e?.rollback.hold??"digest",leaseMs:void 0}}function c(n,r,e,{clock:t,random:a,redact:i,log:l,run:d}){return o({store:n,clock:t,random:a,redact:i,log:l},{...r,...e,run:d})}export{m as a,c as b};
