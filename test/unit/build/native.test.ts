import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { buildNative, type Layout, publish } from '../../../shared/build/index.ts';
import { LayoutWriter } from '../../../shared/build/layout.ts';
import { extractTar } from '../../../shared/io/tar.ts';
import { isRecord } from '../../../shared/model/index.ts';
import { sha256 } from '../../support/registry-faults.ts';
import { bodyFrom, OCI_INDEX, OCI_MANIFEST, raw } from '../../support/registry-world.ts';
import { failure, openWorkshop, stepsOf, type Workshop } from './world.ts';

const shops: Workshop[] = [];
const open = async () => {
  const shop = await openWorkshop();
  shops.push(shop);
  return shop;
};
let shop: Workshop;
beforeEach(async () => {
  shop = await open();
});
afterEach(async () => {
  for (const it of shops.splice(0)) await it.close();
});

const src = 'services/checkout/src';
const blobFile = (layout: Layout, digest: string) => join(layout.directory, 'blobs', digest.replace(':', '/'));
const readJson = async (layout: Layout, digest: string): Promise<Record<string, unknown>> => {
  const value: unknown = JSON.parse(await readFile(blobFile(layout, digest), 'utf8'));
  return isRecord(value) ? value : {};
};
const configOf = async (layout: Layout, image = 0) => {
  const config = await readJson(layout, layout.images[image]?.config.digest ?? '');
  return { ...config, config: isRecord(config['config']) ? config['config'] : {} };
};
const unpack = async (layout: Layout, image = 0): Promise<string> => {
  const root = join(dirname(layout.directory), `root-${basename(layout.directory)}-${image}`);
  for (const { digest } of layout.images[image]?.layers ?? [])
    await extractTar(createReadStream(blobFile(layout, digest)), root);
  return root;
};

describe('reproducible', () => {
  test('two builds, in other folders, at other times, by other hands, in other order: one digest', async () => {
    const digests = new Set<string>();
    const hands = [
      { umask: 0o000, date: new Date(0), files: ['b.js', 'a.js', 'lib/z.js', 'ä/ö.txt', 'run.sh'] },
      { umask: 0o077, date: new Date(2_000_000_000_000), files: ['run.sh', 'ä/ö.txt', 'lib/z.js', 'a.js', 'b.js'] },
    ];
    for (const { umask, date, files } of hands) {
      const place = await open();
      for (const file of files) {
        await place.put(`${src}/${file}`, file.repeat(300), (file === 'run.sh' ? 0o777 : 0o666) & ~umask);
        await utimes(join(place.root, src, file), date, date);
      }
      await place.link(`${src}/link`, 'a.js');
      await mkdir(join(place.root, src, 'empty'), { mode: 0o777 & ~umask });
      place.now += date.getTime();
      const { layout } = await place.build();
      digests.add(layout.top.digest);
    }
    expect(digests.size).toBe(1);
  });

  test('the commit, the date, the repository and the tags do not reach the bytes', async () => {
    const { layout: one } = await shop.build();
    shop.source = { commit: 'f'.repeat(40), commitDate: '2031-01-01T00:00:00Z' };
    shop.settings = { repository: shop.world.at('other'), tags: ['latest'] };
    const { layout: two } = await shop.build();
    expect(two.top.digest).toBe(one.top.digest);
  });

  test('nothing of the operating system stands in the compressed layer', async () => {
    const { layout } = await shop.build();
    const bytes = await readFile(blobFile(layout, layout.images[0]?.layers[0]?.digest ?? ''));
    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, expect.any(Number), 255]);
  });
});

describe('the image', () => {
  test('has the files where they belong, with modes, links and empty folders', async () => {
    await shop.put(`${src}/bin/run.sh`, '#!/bin/sh', 0o700);
    await shop.link(`${src}/bin/alias`, './run.sh');
    await mkdir(join(shop.root, src, 'empty'));
    await shop.put('services/checkout/page.json', '{}');
    shop.native = {
      layers: [
        { from: 'src', to: '/app' },
        { from: 'page.json', to: '/etc/page.json' },
      ],
    };
    const root = await unpack((await shop.build()).layout);
    expect(await readFile(join(root, 'app/server.js'), 'utf8')).toBe('console.log("hello")');
    expect(await readFile(join(root, 'app/bin/alias'), 'utf8')).toBe('#!/bin/sh');
    expect((await stat(join(root, 'app/bin/run.sh'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(root, 'app/server.js'))).mode & 0o777).toBe(0o644);
    expect(await readFile(join(root, 'etc/page.json'), 'utf8')).toBe('{}');
    expect(await readdir(join(root, 'app/empty'))).toEqual([]);
  });

  test('a later layer wins over an earlier one', async () => {
    await shop.put('services/checkout/over/server.js', 'over');
    shop.native = {
      layers: [
        { from: 'src', to: '/app' },
        { from: 'over', to: '/app' },
      ],
    };
    const root = await unpack((await shop.build()).layout);
    expect(await readFile(join(root, 'app/server.js'), 'utf8')).toBe('over');
    expect(await readdir(join(root, 'app/lib'))).toEqual(['money.js']);
  });

  test('has a config with everything that was said, times of 1970, and diff ids of the layers', async () => {
    shop.native = {
      cmd: ['--verbose'],
      env: { Z: '1', A: 'two words' },
      ports: [8080, 9090],
      user: '65532:65532',
      workdir: '/app',
    };
    const { layout, plan } = await shop.build();
    const config = await configOf(layout);
    expect(config).toMatchObject({
      os: 'linux',
      architecture: 'amd64',
      created: '1970-01-01T00:00:00Z',
      config: {
        Entrypoint: ['node', '/app/server.js'],
        Cmd: ['--verbose'],
        Env: ['A=two words', 'Z=1'],
        ExposedPorts: { '8080/tcp': {}, '9090/tcp': {} },
        User: '65532:65532',
        WorkingDir: '/app',
        Labels: plan.labels,
      },
      rootfs: { type: 'layers' },
      history: [{ created: '1970-01-01T00:00:00Z', created_by: 'slipway native: files to /app' }],
    });
    const [layer] = layout.images[0]?.layers ?? [];
    const { gunzipSync } = await import('node:zlib');
    const plain = gunzipSync(await readFile(blobFile(layout, layer?.digest ?? '')));
    expect(config).toMatchObject({ rootfs: { diff_ids: [sha256(plain)] } });
  });

  test('is one manifest for one platform, an index for several, with the key on both', async () => {
    const single = await shop.build();
    expect(single.layout.top.mediaType).toBe(OCI_MANIFEST);
    expect(await readJson(single.layout, single.layout.top.digest)).toMatchObject({
      mediaType: OCI_MANIFEST,
      annotations: single.plan.annotations,
    });
    shop.settings = { platforms: ['linux/arm64', 'linux/amd64', 'linux/arm/v7'] };
    const { layout, plan } = await shop.build();
    const index = await readJson(layout, layout.top.digest);
    expect(index).toMatchObject({
      mediaType: OCI_INDEX,
      annotations: plan.annotations,
      manifests: [
        { platform: { os: 'linux', architecture: 'amd64' } },
        { platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
        { platform: { os: 'linux', architecture: 'arm64' } },
      ],
    });
    expect(await configOf(layout, 1)).toMatchObject({ architecture: 'arm', variant: 'v7' });
    expect(new Set(layout.images.map(({ layers }) => layers[0]?.digest)).size).toBe(1);
  });

  test('lies in a standard layout, every blob under its hash, and nothing half beside it', async () => {
    const { layout } = await shop.build();
    expect((await readdir(layout.directory)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    for (const name of await readdir(join(layout.directory, 'blobs/sha256'))) {
      const bytes = await readFile(join(layout.directory, 'blobs/sha256', name));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(name);
    }
    expect(JSON.parse(await readFile(join(layout.directory, 'oci-layout'), 'utf8'))).toEqual({
      imageLayoutVersion: '1.0.0',
    });
    const { manifests } = JSON.parse(await readFile(join(layout.directory, 'index.json'), 'utf8'));
    expect(manifests).toEqual([layout.top]);
    expect(await readdir(dirname(layout.directory))).toEqual([basename(layout.directory)]);
  });
});

describe('when something goes wrong, nothing half is left', () => {
  test('a file that changes while the image is built', async () => {
    const { facts, plan } = await shop.plan();
    const directory = join(shop.root, 'out');
    const build = () => buildNative(facts, plan, { registry: shop.world.client, directory, complete: false });
    for (const text of ['console.log("hullo")', 'short', 'longer than it was before, by far']) {
      await writeFile(join(shop.root, src, 'server.js'), text);
      const error = await failure(build());
      expect(error.code).toBe('build-failed');
      expect(error.message).toContain('server.js changed while the image was being built');
    }
    expect(await readdir(shop.root)).toEqual(['services']);
    await writeFile(join(shop.root, src, 'server.js'), 'console.log("hello")');
    await build();
    expect(await readdir(shop.root)).toEqual(['out', 'services']);
  });

  test('a full disk is told, and an earlier layout stays', async () => {
    const { layout } = await shop.build();
    const full = () => Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' }));
    const error = await failure(LayoutWriter.write(layout.directory, full));
    expect(error.code).toBe('disk-full');
    expect(error.message).toContain(layout.directory);
    expect((await readdir(layout.directory)).length).toBe(3);
    expect(await readdir(dirname(layout.directory))).toEqual([basename(layout.directory)]);
  });

  test('a layout in the place of another', async () => {
    const { facts, plan } = await shop.plan();
    const directory = join(shop.root, 'out');
    await mkdir(directory);
    await writeFile(join(directory, 'old'), '');
    await buildNative(facts, plan, { registry: shop.world.client, directory, complete: false });
    expect((await readdir(directory)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
  });
});

test('a layer of many megabytes streams through', async () => {
  await mkdir(join(shop.root, src, 'big'));
  const block = Buffer.alloc(1 << 20, 'slipway');
  for (let file = 0; file < 24; file += 1)
    await writeFile(join(shop.root, src, 'big', String(file)), Readable.from(Array.from({ length: 2 }, () => block)));
  const { layout } = await shop.build();
  const root = await unpack(layout);
  expect((await readdir(join(root, 'app/big'))).length).toBe(24);
  expect((await stat(join(root, 'app/big/7'))).size).toBe(2 << 20);
});

describe('on a base', () => {
  const DOCKER = 'application/vnd.docker';
  const config = (architecture: string, more: object = {}) =>
    Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture,
        created: '2020-01-01T00:00:00Z',
        config: {
          Env: ['PATH=/usr/bin', 'LANG=C'],
          Entrypoint: ['/base'],
          Cmd: ['serve'],
          User: 'nonroot',
          WorkingDir: '/srv',
          Labels: { 'org.opencontainers.image.title': 'base', maintainer: 'base' },
          ExposedPorts: { '80/tcp': {} },
          StopSignal: 'SIGTERM',
        },
        rootfs: { type: 'layers', diff_ids: [sha256(`plain-${architecture}`)] },
        history: [{ created_by: 'base' }],
        ...more,
      }),
    );

  /** Pushes a base for two platforms, as Docker or OCI writes it, with an attestation among the children. */
  async function pushBase(path: string, kind: 'oci' | 'docker', layerType?: string) {
    const { client, at } = shop.world;
    const media = kind === 'oci' ? OCI_MANIFEST : `${DOCKER}.distribution.manifest.v2+json`;
    const layer =
      layerType ?? (kind === 'oci' ? 'application/vnd.oci.image.layer.v1.tar' : `${DOCKER}.image.rootfs.diff.tar.gzip`);
    const platforms = [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
    ];
    const children = [];
    for (const platform of platforms) {
      const { architecture } = platform;
      const blobs = [config(architecture), Buffer.from(`layer of ${architecture}`)];
      for (const blob of blobs) await client.pushBlob(at(path), sha256(blob), bodyFrom(blob));
      const [configBlob, layerBlob] = blobs.map((blob) => ({ digest: sha256(blob), size: blob.length }));
      const manifest = raw(
        {
          schemaVersion: 2,
          mediaType: media,
          config: { mediaType: 'c', ...configBlob },
          layers: [{ mediaType: layer, ...layerBlob }],
        },
        media,
      );
      await client.pushManifest(at(path), manifest);
      children.push({ mediaType: media, digest: manifest.digest, size: manifest.bytes.length, platform });
    }
    const [first] = children;
    const attestation = { ...first, platform: { os: 'unknown', architecture: 'unknown' } };
    const listType = kind === 'oci' ? OCI_INDEX : `${DOCKER}.distribution.manifest.list.v2+json`;
    const index = raw({ schemaVersion: 2, mediaType: listType, manifests: [attestation, ...children] }, listType);
    await client.pushManifest(at(path), index);
    await client.tag(at(path), index, 'stable');
    return { index, single: first?.digest };
  }

  test.each(['oci', 'docker'] as const)(
    '%s: its layers come first and are mounted, its config shines through',
    async (kind) => {
      await pushBase('base', kind);
      shop.native = { base: shop.world.at('base:stable'), env: { LANG: 'de', NEW: '1' } };
      shop.settings = { platforms: ['linux/amd64', 'linux/arm64'] };
      const { layout, plan } = await shop.build();
      expect(await configOf(layout, 1)).toMatchObject({
        architecture: 'arm64',
        created: '1970-01-01T00:00:00Z',
        config: {
          Env: ['PATH=/usr/bin', 'LANG=de', 'NEW=1'],
          Entrypoint: ['node', '/app/server.js'],
          User: 'nonroot',
          WorkingDir: '/srv',
          StopSignal: 'SIGTERM',
          ExposedPorts: { '80/tcp': {}, '8080/tcp': {} },
          Labels: { maintainer: 'base', 'org.opencontainers.image.title': 'checkout' },
        },
        rootfs: { diff_ids: [sha256('plain-arm64'), expect.stringMatching(/^sha256:/)] },
        history: [{ created_by: 'base' }, { created_by: 'slipway native: files to /app' }],
      });
      // The command was meant for the base's entrypoint.
      expect((await configOf(layout)).config).not.toHaveProperty('Cmd');
      expect(
        layout.images.map(({ layers }) => layers.map(({ mediaType }) => mediaType.replace(/^.*layer/, ''))),
      ).toEqual(Array.from({ length: 2 }, () => [kind === 'oci' ? '.v1.tar' : '.v1.tar+gzip', '.v1.tar+gzip']));
      const before = shop.world.server.uploads();
      const { pushed } = await publish(plan, layout, shop.world.client, stepsOf(plan));
      expect(pushed).toMatchObject({ mounted: 2, uploaded: 3 });
      expect(shop.world.server.uploads() - before).toBe(3);
    },
  );

  test('without an entrypoint of ours the base starts as it did, with our command if there is one', async () => {
    await pushBase('base', 'oci');
    shop.native = { base: shop.world.at('base:stable'), entrypoint: [], ports: [] };
    expect((await configOf((await shop.build()).layout)).config).toMatchObject({
      Entrypoint: ['/base'],
      Cmd: ['serve'],
      ExposedPorts: { '80/tcp': {} },
    });
    shop.native = { ...shop.native, cmd: ['other'] };
    expect((await configOf((await shop.build()).layout)).config).toMatchObject({
      Entrypoint: ['/base'],
      Cmd: ['other'],
    });
  });

  test('from another registry its layers are sent on; a layout that is not pushed has them inside', async () => {
    const far = await open();
    const near = shop;
    shop = far;
    const { single } = await pushBase('base', 'oci');
    shop = near;
    near.native = { base: `${far.world.at('base')}@${single}` };
    const whole = await near.build({ push: false });
    expect(whole.layout.borrowed.size).toBe(0);
    expect(await readFile(blobFile(whole.layout, sha256('layer of amd64')), 'utf8')).toBe('layer of amd64');
    const { layout, plan } = await near.build();
    expect(layout.top.digest).toBe(whole.layout.top.digest);
    expect((await publish(plan, layout, near.world.client, stepsOf(plan))).pushed).toMatchObject({
      mounted: 0,
      uploaded: 3,
    });
    expect(await near.world.client.hasBlob(near.repository, sha256('layer of amd64'))).toBe(true);
  });

  test('a platform that it does not have is named, with those it has', async () => {
    const { single } = await pushBase('base', 'oci');
    shop.native = { base: shop.world.at('base:stable') };
    shop.settings = { platforms: ['linux/s390x'] };
    const error = await failure(shop.build());
    expect(error.code).toBe('image-not-found');
    expect(error.message).toMatch(/has no linux\/s390x; it has linux\/amd64, linux\/arm64/);
    shop.native = { base: `${shop.world.at('base')}@${single}` };
    expect((await failure(shop.build())).message).toContain('is for linux/amd64, not for linux/s390x');
  });

  test('layers that lie elsewhere cannot be built upon', async () => {
    await pushBase('base', 'docker', `${DOCKER}.image.rootfs.foreign.diff.tar.gzip`);
    shop.native = { base: shop.world.at('base:stable') };
    expect((await failure(shop.build())).message).toContain('foreign.diff.tar.gzip, which cannot be built upon');
  });
});
