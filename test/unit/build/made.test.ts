import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Layout, LayoutWriter } from '../../../shared/build/layout.ts';
import { withMadeImage } from '../../../shared/build/made/open.ts';
import { takeAnnotated, takeAsItIs } from '../../../shared/build/made/take.ts';
import { type TarEntry, writeTar } from '../../../shared/io/tar.ts';
import { type Digest, isRecord, parseJson } from '../../../shared/model/index.ts';
import { failure } from './world.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-made-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';
const sha256 = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** An OCI layout as other tools write it. */
class Tool {
  readonly directory = join(root, 'layout');
  async put(mediaType: string, content: string | Uint8Array | object, more: object = {}) {
    const text =
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content, null, 3);
    const bytes = Buffer.from(text);
    await mkdir(join(this.directory, 'blobs', 'sha256'), { recursive: true });
    await writeFile(join(this.directory, 'blobs', sha256(bytes).replace(':', '/')), bytes);
    return { mediaType, digest: sha256(bytes), size: bytes.length, ...more };
  }
  /** @param kind `docker` for the media types of Docker */
  async image(text: string, kind: 'oci' | 'docker' = 'oci', more: object = {}) {
    const archive = await tar([file('hello', text)]);
    const diffIds = [sha256(archive)];
    const oci = kind === 'oci';
    const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: diffIds } };
    const types = oci
      ? [`${OCI}.config.v1+json`, `${OCI}.layer.v1.tar+gzip`, `${OCI}.manifest.v1+json`]
      : [
          `${DOCKER}.container.image.v1+json`,
          `${DOCKER}.image.rootfs.diff.tar.gzip`,
          `${DOCKER}.distribution.manifest.v2+json`,
        ];
    const manifest = {
      schemaVersion: 2,
      mediaType: types[2],
      config: await this.put(types[0] ?? '', config),
      layers: [await this.put(types[1] ?? '', gzipSync(archive))],
      annotations: { theirs: 'kept' },
    };
    return this.put(types[2] ?? '', manifest, more);
  }
  async finish(...manifests: readonly object[]) {
    await mkdir(this.directory, { recursive: true });
    await writeFile(join(this.directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    await writeFile(join(this.directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    return this.directory;
  }
}

const file = (path: string, text: string | Uint8Array): TarEntry => {
  const bytes = Buffer.from(text);
  return {
    kind: 'file',
    path,
    mode: 0o644,
    size: bytes.length,
    open: async function* () {
      yield bytes;
    },
  };
};
async function tar(entries: readonly TarEntry[]): Promise<Buffer> {
  const sink = new PassThrough();
  const [bytes] = await Promise.all([buffer(sink), writeTar(entries, sink)]);
  return bytes;
}
async function archiveOf(directory: string, name: string, compressed = false): Promise<string> {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((it) => it.isFile());
  const entries = await Promise.all(
    names.map(async (it) => {
      const path = join(it.parentPath, it.name);
      return file(path.slice(directory.length + 1), await readFile(path));
    }),
  );
  const to = join(root, name);
  const archive = new PassThrough();
  const steps = compressed
    ? pipeline(archive, createGzip(), createWriteStream(to))
    : pipeline(archive, createWriteStream(to));
  await Promise.all([writeTar(entries, archive), steps]);
  return to;
}

type Take = 'as it is' | 'annotated';
async function take(path: string, how: Take): Promise<Layout> {
  const directory = join(root, 'taken');
  return LayoutWriter.write(directory, async (writer): Promise<Layout> => {
    const place = { path, shown: 'dist/image', scratch: await writer.scratch() };
    const taken = await withMadeImage(place, (made) =>
      how === 'as it is' ? takeAsItIs(made, writer) : takeAnnotated(made, { ours: 'added' }, writer),
    );
    return { directory, ...taken, borrowed: new Map() };
  });
}
async function json({ directory }: Layout, digest: Digest): Promise<Record<string, unknown>> {
  const value = parseJson(await readFile(join(directory, 'blobs', digest.replace(':', '/')), 'utf8'));
  return isRecord(value) ? value : {};
}
const refusal = async (path: string): Promise<string> => (await failure(take(path, 'as it is'))).message;

describe('an OCI layout', () => {
  test('is taken byte for byte, as a folder, as an archive, and as a compressed one; what was unpacked is gone', async () => {
    const tool = new Tool();
    const top = await tool.image('one', 'docker');
    const folder = await tool.finish(top);
    const paths = [folder, await archiveOf(folder, 'image.tar'), await archiveOf(folder, 'image.tar.gz', true)];
    for (const path of paths) {
      const layout = await take(path, 'as it is');
      expect(layout.top).toEqual({ mediaType: top.mediaType, digest: top.digest, size: top.size });
      expect(layout.images).toHaveLength(1);
      expect((await readdir(join(root, 'taken', 'blobs', 'sha256'))).sort()).toEqual(
        (await readdir(join(folder, 'blobs', 'sha256'))).sort(),
      );
    }
    expect((await readdir(root)).sort()).toEqual(['image.tar', 'image.tar.gz', 'layout', 'taken']);
  });

  test('an index stays as it is, its attestations among its children', async () => {
    const tool = new Tool();
    const amd = await tool.image('amd', 'oci', { platform: { os: 'linux', architecture: 'amd64' } });
    const about = await tool.image('about', 'oci', { platform: { os: 'unknown', architecture: 'unknown' } });
    const top = await tool.put(`${OCI}.index.v1+json`, {
      schemaVersion: 2,
      mediaType: `${OCI}.index.v1+json`,
      manifests: [amd, about],
    });
    const layout = await take(await tool.finish(top), 'as it is');
    expect(layout.top.digest).toBe(top.digest);
    expect(layout.images.map(({ manifest }) => manifest.digest)).toEqual([amd.digest, about.digest]);
  });

  test('annotated: ours beside theirs, types of OCI, one platform is no index', async () => {
    const tool = new Tool();
    const amd = await tool.image('amd', 'docker', { platform: { os: 'linux', architecture: 'amd64' } });
    const about = await tool.image('about', 'oci', { platform: { os: 'unknown', architecture: 'unknown' } });
    const top = await tool.put(`${DOCKER}.distribution.manifest.list.v2+json`, {
      schemaVersion: 2,
      mediaType: `${DOCKER}.distribution.manifest.list.v2+json`,
      manifests: [amd, about],
    });
    const layout = await take(await tool.finish(top), 'annotated');
    expect(layout.top.mediaType).toBe(`${OCI}.manifest.v1+json`);
    expect(await json(layout, layout.top.digest)).toMatchObject({
      mediaType: `${OCI}.manifest.v1+json`,
      config: { mediaType: `${OCI}.config.v1+json` },
      layers: [{ mediaType: `${OCI}.layer.v1.tar+gzip` }],
      annotations: { theirs: 'kept', ours: 'added' },
    });
  });

  test('what is wrong is said: no image, several, bytes that are not those of their digest', async () => {
    expect(await refusal(join(root, 'nothing'))).toMatch(/^context-missing .*dist\/image/);
    const tool = new Tool();
    expect(await refusal(await tool.finish())).toMatch(/^image-invalid dist\/image holds 0 images/);
    const [one, two] = [await tool.image('one'), await tool.image('two')];
    expect(await refusal(await tool.finish(one, two))).toMatch(/^image-invalid dist\/image holds 2 images/);
    const folder = await tool.finish(one);
    const blob = (digest: string) => join(folder, 'blobs', digest.replace(':', '/'));
    const value = parseJson(await readFile(blob(one.digest), 'utf8'));
    const layers = isRecord(value) && Array.isArray(value['layers']) ? value['layers'] : [];
    const layer = blob(String(layers[0]?.digest));
    await writeFile(layer, 'other');
    expect(await refusal(folder)).toMatch(/^image-invalid dist\/image lacks its sha256:.*, or has other bytes/);
    await writeFile(blob(one.digest), 'other');
    expect(await refusal(folder)).toMatch(/^image-invalid dist\/image has other bytes under sha256:/);
    await rm(blob(one.digest));
    expect(await refusal(folder)).toMatch(/^image-invalid dist\/image lacks its sha256:/);
    await writeFile(join(root, 'text'), 'no archive');
    expect(await refusal(join(root, 'text'))).toMatch(
      /^image-invalid dist\/image is no(?: archive of an image|ne of these|ither)/,
    );
    await mkdir(join(root, 'empty'));
    expect(await refusal(join(root, 'empty'))).toMatch(/^image-invalid dist\/image is neither an OCI layout/);
  });

  test('an index within an index is beyond it', async () => {
    const tool = new Tool();
    const type = `${OCI}.index.v1+json`;
    const inner = await tool.put(type, { schemaVersion: 2, mediaType: type, manifests: [await tool.image('one')] });
    const outer = await tool.put(type, { schemaVersion: 2, mediaType: type, manifests: [inner] });
    expect(await refusal(await tool.finish(outer))).toMatch(/has an index within its index/);
  });

  test('a link that leads out of an archive leads nowhere', async () => {
    const tool = new Tool();
    const folder = await tool.finish(await tool.image('one'));
    await rm(join(folder, 'index.json'));
    await writeFile(join(root, 'outside.json'), await readFile(join(folder, 'oci-layout')));
    const entries: TarEntry[] = [
      file('oci-layout', '{}'),
      { kind: 'symlink', path: 'index.json', target: '../../outside.json' },
    ];
    await writeFile(join(root, 'evil.tar'), await tar(entries));
    await expect(take(join(root, 'evil.tar'), 'as it is')).rejects.toThrow();
  });
});

describe('an archive of `docker save`', () => {
  /** @param packed whether its layers are compressed already, as some tools do it */
  async function save(
    name: string,
    packed = false,
    spoil: (contents: { Layers: string[] }[]) => void = () => {},
  ): Promise<string> {
    const layers = [await tar([file('one', '1')]), await tar([file('two', '2')])];
    const config = Buffer.from(
      JSON.stringify({
        os: 'linux',
        architecture: 'amd64',
        config: { Cmd: ['x'] },
        rootfs: { type: 'layers', diff_ids: layers.map(sha256) },
      }),
    );
    const contents = [{ Config: 'config.json', RepoTags: ['x:y'], Layers: ['1/layer.tar', '2/layer.tar'] }];
    spoil(contents);
    const path = join(root, name);
    const entries = [
      file('config.json', config),
      ...layers.map((it, at) => file(`${at + 1}/layer.tar`, packed ? gzipSync(it, { level: 1 }) : it)),
      file('manifest.json', JSON.stringify(contents)),
    ];
    await writeFile(path, await tar(entries));
    return path;
  }

  test('gets a manifest; its config stays, its layers are compressed as ours are, so its digest is always the same', async () => {
    const plain = await take(await save('a.tar'), 'as it is');
    const packed = await take(await save('b.tar', true), 'as it is');
    expect(packed.top).toEqual(plain.top);
    expect(plain.images[0]?.layers.map(({ mediaType }) => mediaType)).toEqual(
      Array(2).fill(`${OCI}.layer.v1.tar+gzip`),
    );
    const [image] = plain.images;
    expect(image && (await json(plain, image.config.digest))).toMatchObject({ config: { Cmd: ['x'] } });
  });

  test('layers that are links to one another, as older releases write them', async () => {
    const folder = join(root, 'unpacked');
    const layer = await tar([file('one', '1')]);
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [sha256(layer), sha256(layer)] },
    });
    const entries: TarEntry[] = [
      file('c.json', config),
      file('a/layer.tar', layer),
      { kind: 'symlink', path: 'b/layer.tar', target: '../a/layer.tar' },
      file('manifest.json', JSON.stringify([{ Config: 'c.json', Layers: ['a/layer.tar', 'b/layer.tar'] }])),
    ];
    await writeFile(folder, await tar(entries));
    const layout = await take(folder, 'as it is');
    expect(layout.images[0]?.layers).toHaveLength(2);
  });

  test('what is wrong is said', async () => {
    expect(await refusal(await save('a.tar', false, (it) => it.push({ Layers: [] })))).toMatch(
      /^image-invalid .*manifest\.json/,
    );
    expect(await refusal(await save('b.tar', false, (it) => it.splice(0)))).toMatch(/holds 0 images/);
    expect(await refusal(await save('c.tar', false, (it) => it[0]?.Layers.pop()))).toMatch(
      /lists other layers than its config/,
    );
    expect(await refusal(await save('d.tar', false, (it) => it[0]?.Layers.reverse()))).toMatch(
      /has other bytes in the layer/,
    );
    const outside = save('f.tar', false, (it) => it[0]?.Layers.fill('../../../etc/passwd'));
    expect(await refusal(await outside)).toMatch(/leads out of it/);
    expect(await refusal(await save('e.tar', false, (it) => it[0]?.Layers.fill('no')))).toMatch(/lacks the layer/);
  });
});

test('a folder with a link as a blob is read through, as other tools write it', async () => {
  const tool = new Tool();
  const folder = await tool.finish(await tool.image('one'));
  const copy = join(root, 'copy');
  await cp(folder, copy, { recursive: true });
  const [name = ''] = await readdir(join(copy, 'blobs', 'sha256'));
  await rm(join(copy, 'blobs', 'sha256', name));
  await symlink(join(folder, 'blobs', 'sha256', name), join(copy, 'blobs', 'sha256', name));
  expect((await take(copy, 'as it is')).images).toHaveLength(1);
});
