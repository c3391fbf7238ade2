import { openRegistry } from '../io/registry/index.ts';
import type { World } from '../io/runner/index.ts';
import type { Registry } from '../model/index.ts';

export const registryOf = ({ env, fetch, clock, random, log, learn }: World): Registry =>
  openRegistry({ env, fetch, clock, random, learned: learn, warn: (line) => log.info(line) });
