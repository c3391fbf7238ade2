import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { inspect, type Layout, publish } from '../../../shared/build/index.ts';
import { keyTag } from '../../../shared/image/index.ts';
import { sha256 } from '../../support/registry-faults.ts';
import { OCI_MANIFEST } from '../../support/registry-world.ts';
import { openWorkshop, stepsOf } from '../../unit/build/world.ts';
import { startRealRegistry } from './real-registry.ts';

const RACES = 200;

/** The same content, built a little differently: as two machines would with different versions of a compressor. */
async function variantOf(layout: Layout, directory: string): Promise<Layout> {
  await cp(layout.directory, directory, { recursive: true });
  const path = (digest: string) => join(directory, 'blobs', digest.replace(':', '/'));
  const text = await readFile(path(layout.top.digest), 'utf8');
  const bytes = Buffer.from(text.replace('"annotations":{', '"annotations":{"made-by":"another",'));
  const top = { mediaType: OCI_MANIFEST, digest: sha256(bytes), size: bytes.length };
  await writeFile(path(top.digest), bytes);
  return { ...layout, directory, top, images: layout.images.map((it) => ({ ...it, manifest: top })) };
}

test(`two writers race ${RACES} times for the tag of a key: each reports an image that is whole, and so is the tag's`, async () => {
  const registry = await startRealRegistry('anonymous');
  const shop = await openWorkshop();
  const folder = await mkdtemp(join(tmpdir(), 'slipway-race-'));
  try {
    const { plan, layout } = await shop.build();
    const key = keyTag(plan.key);
    const layouts = [layout, await variantOf(layout, join(folder, 'other'))];
    const digests = layouts.map(({ top }) => top.digest);
    const wanted = { key: plan.key, platforms: [{ os: 'linux', architecture: 'amd64' }] };
    const won = new Map<string, number>();
    let adopted = 0;
    for (let race = 0; race < RACES; race += 1) {
      const mine = {
        ...plan,
        repository: registry.at(`race-${race}`),
        tags: plan.tags.filter(({ tag }) => tag === key),
      };
      const reports = await Promise.all(layouts.map((it) => publish(mine, it, registry.open(), stepsOf(mine))));
      adopted += reports.filter((it) => it.adopted).length;
      const client = registry.open();
      for (const { image } of reports) {
        expect(digests).toContain(image.digest);
        expect((await inspect(client, mine.repository, image.digest, wanted)).kind).toBe('whole');
      }
      const tagged = await inspect(client, mine.repository, key, wanted);
      if (tagged.kind !== 'whole') throw new Error(`race ${race}: the tag is ${JSON.stringify(tagged)}`);
      // Whoever wrote last: one of those that were reported.
      expect(reports.map(({ image }) => image.digest)).toContain(tagged.manifest.digest);
      won.set(tagged.manifest.digest, (won.get(tagged.manifest.digest) ?? 0) + 1);
    }
    process.stdout.write(
      `${RACES} races: the tag's image was of the one ${won.get(digests[0] ?? '') ?? 0}, of the other ${won.get(digests[1] ?? '') ?? 0} times; ${adopted} adopted\n`,
    );
  } finally {
    await shop.close();
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
