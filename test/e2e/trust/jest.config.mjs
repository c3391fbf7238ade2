import { jestOf, WITH_LIBRARY } from '../jest-of.mjs';

export default jestOf('trust', WITH_LIBRARY);
