import { createHash } from 'node:crypto';
import { CACHE_TAG } from '../../image/index.ts';
import type { LayerCache } from '../builder.ts';
import { fields } from './fields.ts';

/** What `--cache-from` and `--cache-to` are given. */
export interface CacheArguments {
  readonly from: readonly string[];
  readonly to: readonly string[];
}
export const NO_CACHE: CacheArguments = { from: [], to: [] };

interface CacheFacts {
  readonly kind: LayerCache;
  readonly service: string;
  readonly repository: string;
  /** The epoch of `cache-epoch`, `''` where there is none: layers of an older one must not come back. */
  readonly epoch: string;
  /** Whether the run may write: it is one that pushes, so never one of a fork. */
  readonly write: boolean;
}

const EPOCH_DIGITS = 8;

/**
 * Where layers of earlier builds come from, and where those of this one are kept. All stages are kept (`mode=max`), in
 * the form that registries without Docker's own take, and a cache that cannot be written does not fail a build.
 */
export function cacheArguments(facts: CacheFacts): CacheArguments {
  const place = placeOf(facts);
  if (place === undefined) return NO_CACHE;
  const to = fields({ ...place.read, ...place.write, mode: 'max', 'ignore-error': 'true' });
  return { from: [fields(place.read)], to: facts.write ? [to] : [] };
}

type Fields = Readonly<Record<string, string>>;

function placeOf({ kind, service, repository, epoch }: CacheFacts): { read: Fields; write: Fields } | undefined {
  const suffix = epoch === '' ? '' : `-${createHash('sha256').update(epoch).digest('hex').slice(0, EPOCH_DIGITS)}`;
  switch (kind) {
    case 'registry':
      return {
        read: { type: 'registry', ref: `${repository}:${CACHE_TAG}${suffix}` },
        write: { 'image-manifest': 'true', 'oci-mediatypes': 'true' },
      };
    case 'actions':
      return { read: { type: 'gha', scope: `slipway-${service}${suffix}` }, write: {} };
    case 'off':
      return undefined;
  }
}
