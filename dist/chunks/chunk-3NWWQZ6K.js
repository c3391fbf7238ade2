import { createRequire as slipwayCreateRequire } from 'node:module';
const require = slipwayCreateRequire(import.meta.url);
import{e as t,l as i}from"./chunk-FL3MHXQ3.js";function u(e,...o){return t(e)&&typeof e.code=="string"&&o.includes(e.code)}function d(e,o){return u(e,"ENOSPC","EDQUOT")?i("disk-full",`No space is left for ${o}.`,{cause:e}):e}var l={now:()=>Date.now(),sleep(e,o){return new Promise(n=>{if(o?.aborted===!0)return n();let r=()=>{clearTimeout(s),o?.removeEventListener("abort",r),n()},s=setTimeout(r,e);o?.addEventListener("abort",r,{once:!0})})}};export{u as a,d as b,l as c};
