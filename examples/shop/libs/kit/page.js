import { readFileSync } from 'node:fs';
import { serve } from './serve.js';

// Serves a page that is nothing but configuration.
const page = JSON.parse(readFileSync(new URL('page.json', `file://${process.cwd()}/`), 'utf8'));
serve(page.name, { '/': () => page });
