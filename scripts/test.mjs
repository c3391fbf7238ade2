import { fileURLToPath } from 'node:url';
import { runUnderNode24 } from './node24.mjs';

// jest's own module loader needs the flag for ES modules; the warning about it says nothing new.
const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
runUnderNode24('--experimental-vm-modules', ['--no-warnings', jest, ...process.argv.slice(2)]);
