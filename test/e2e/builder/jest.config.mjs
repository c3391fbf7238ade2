import { jestOf, WITH_LIBRARY } from '../jest-of.mjs';

export default jestOf('builder', WITH_LIBRARY);
