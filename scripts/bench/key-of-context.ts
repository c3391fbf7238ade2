import { appendFileSync } from 'node:fs';
import { gatherImageFacts } from '../../shared/build/index.ts';
import { loadConfig } from '../../shared/config/index.ts';
import { keyOf } from '../../shared/image/index.ts';
import { workTree } from '../../shared/io/files.ts';
import { openCheckout } from '../../shared/io/git/index.ts';
import { openRegistry } from '../../shared/io/registry/index.ts';

/* Makes the content key of a repository that is one service with a Dockerfile, and notes how long it took. */

const [root = '', scratch = '', how = '', times = ''] = process.argv.slice(2);
const { services } = await loadConfig(workTree(root), { file: 'slipway.yml', repository: 'acme/bench' });
const [service] = services;
if (service === undefined) throw new Error('There is no service.');
const started = performance.now();
const checkout = await openCheckout(root, { environment: process.env, scratch });
const clock = { now: Date.now, sleep: () => Promise.resolve() };
const facts = await gatherImageFacts({
  root,
  service,
  covers: () => true,
  source: undefined,
  now: 0,
  registry: openRegistry({ env: process.env, clock, random: Math.random, fetch }),
  tracked: how === 'git' ? checkout.tracked : undefined,
  scratch,
});
if (facts === undefined) throw new Error('There is nothing to build.');
const { value } = keyOf(facts);
appendFileSync(times, `${(performance.now() - started).toFixed(0)} ${value}\n`);
