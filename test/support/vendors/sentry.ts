import type { Json } from '../../../shared/model/index.ts';
import type { Vendor } from './vendor.ts';

/** Releases by their version, deploys of each. */
export const sentry: Vendor = {
  kind: 'sentry',
  fields: { token: { env: 'SENTRY_TOKEN' }, organization: 'acme', commits: true },
  env: { SENTRY_TOKEN: 'sntrys_0123456789abcdefghijklmnop' },
  markers: { start: 0, end: 2 },
  successOnly: true,
  isRead: true,
  routes: () => {
    const releases = new Map<string, { release: Record<string, Json>; deploys: Record<string, Json>[] }>();
    return {
      shown: () => [...releases.values()].flatMap((it) => [it.release, ...it.deploys]),
      handlers: {
        'POST /api/0/organizations/:organization/releases/': ({ json }) => {
          const version = String(json['version']);
          const known = releases.get(version);
          releases.set(version, { release: { ...known?.release, ...json }, deploys: known?.deploys ?? [] });
          return { status: known === undefined ? 201 : 208, json };
        },
        'GET /api/0/organizations/:organization/releases/:version/deploys/': ({ parts }) => ({
          json: releases.get(parts['version'] ?? '')?.deploys.map((it, at) => ({ ...it, id: String(at) })) ?? [],
        }),
        'POST /api/0/organizations/:organization/releases/:version/deploys/': ({ parts, json }) => {
          releases.get(parts['version'] ?? '')?.deploys.push(json);
          return { status: 201, json: { ...json, id: '1' } };
        },
      },
    };
  },
};
