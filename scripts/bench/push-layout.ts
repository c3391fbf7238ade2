import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Layout } from '../../shared/build/layout.ts';
import { readManifest } from '../../shared/build/layout.ts';
import { pushLayout } from '../../shared/build/push.ts';
import { systemClock } from '../../shared/io/clock.ts';
import { openRegistry } from '../../shared/io/registry/index.ts';

/* A program: pushes an OCI layout of one image, by digest, and tags it. `push-layout FOLDER REPOSITORY` */

const [directory = '', repository = ''] = process.argv.slice(2);
const index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8'));
const { mediaType, digest, size } = index.manifests[0];
const top = { mediaType, digest, size };
const bare: Layout = { directory, top, images: [], borrowed: new Map() };
const manifest = await readManifest(bare, top);
const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString('utf8'));
const registry = openRegistry({ env: {}, fetch: globalThis.fetch, clock: systemClock, random: Math.random });
await pushLayout(registry, repository, { ...bare, images: [{ manifest: top, config, layers }] });
await registry.tag(repository, manifest, 'it');
