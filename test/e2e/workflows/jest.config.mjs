import { jestOf } from '../jest-of.mjs';

/** A run of a workflow takes minutes where the machine is busy. */
export default jestOf('workflows', { testTimeout: 600_000 });
