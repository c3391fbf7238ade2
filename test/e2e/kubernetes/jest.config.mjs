import { jestOf, WITH_LIBRARY } from '../jest-of.mjs';

export default jestOf('kubernetes', WITH_LIBRARY);
