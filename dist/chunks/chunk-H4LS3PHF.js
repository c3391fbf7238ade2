import { createRequire as slipwayCreateRequire } from 'node:module';
const require = (name) => slipwayCreateRequire(import.meta.url)(name);
var n={production:new Map,development:new Map};function r(e){return{content:"folder",isPart:!1,governed:[],locks:[],workspaces:[],requires:n,unknown:void 0,nameless:!1,...e}}export{r as a};
