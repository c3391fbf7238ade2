import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gatherImageFacts } from '../../../shared/build/index.ts';
import { keyOf } from '../../../shared/image/index.ts';
import { pushSample } from '../../support/registry-world.ts';
import { SETTINGS } from '../image/facts.ts';
import { failure, openWorkshop, type Workshop } from './world.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());
const key = async () => keyOf(await shop.facts()).value;
const src = 'services/checkout/src';
const hex = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');

describe('what the builder sees', () => {
  test('files, links and empty folders with git’s modes and ids, sorted; `.git` alone is left out', async () => {
    await shop.put(`${src}/run.sh`, '#!', 0o750);
    await shop.put(`${src}/.env`, 'x');
    await shop.put(`${src}/.git/HEAD`, 'ref');
    await shop.put(`${src}/vendor/.git`, 'gitdir: elsewhere');
    await shop.link(`${src}/alias`, 'server.js');
    await shop.link(`${src}/broken`, '/nowhere/else');
    await mkdir(join(shop.root, src, 'empty'));
    const [layer] = (await shop.facts()).layers;
    expect(layer?.to).toBe('/app');
    expect(layer?.files.map((it) => [it.path, it.mode, it.hash])).toEqual([
      ['.env', '100644', hex('x')],
      ['alias', '120000', hex('server.js')],
      ['broken', '120000', hex('/nowhere/else')],
      ['empty', '040000', hex('')],
      ['lib/money.js', '100644', hex('export {}')],
      ['run.sh', '100755', hex('#!')],
      ['server.js', '100644', hex('console.log("hello")')],
      ['vendor', '040000', hex('')],
    ]);
  });

  test.each([
    ['src/server.js', '/app/main.js', '/app/main.js'],
    ['src/server.js', '/app/', '/app/server.js'],
    ['./src/../src/server.js', '//app//x/', '/app/x/server.js'],
    ['src', '/app/', '/app'],
    ['src', '/', '/'],
  ])('`from: %s` to `%s` lies at %s', async (from, to, place) => {
    shop.native = { layers: [{ from, to }] };
    expect((await shop.facts()).layers[0]?.to).toBe(place);
  });

  test('a name that is not UTF-8 is told: no image can have it', async () => {
    const folder = Buffer.from(join(shop.root, src));
    await writeFile(Buffer.concat([folder, Buffer.from([0x2f, 0x61, 0xff])]), 'x');
    expect((await failure(shop.facts())).message).toMatch(/The name of services\/checkout\/src\/a\ufffd is not UTF-8/);
  });

  test('a link that is itself the `from` is followed', async () => {
    await shop.link('services/checkout/latest', 'src');
    shop.native = { layers: [{ from: 'latest', to: '/app' }] };
    expect((await shop.facts()).layers[0]?.files.map(({ path }) => path)).toEqual(['lib/money.js', 'server.js']);
  });
});

describe('the key over real files', () => {
  test('U15: an untracked or ignored file changes it, and its removal brings the old key back', async () => {
    const before = await key();
    await shop.put('.gitignore', '*.jar');
    await shop.put(`${src}/app.jar`, 'made by an earlier step');
    expect(await key()).not.toBe(before);
    await rm(join(shop.root, src, 'app.jar'));
    expect(await key()).toBe(before);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a byte', () => shop.put(`${src}/server.js`, 'console.log("hullo")')],
    ['the owner’s right to execute', () => chmod(join(shop.root, src, 'server.js'), 0o744)],
    ['a new file', () => shop.put(`${src}/new.js`, '')],
    ['an empty folder', () => mkdir(join(shop.root, src, 'new'))],
    [
      'a file in the place of a folder',
      async () => {
        await rm(join(shop.root, src, 'lib'), { recursive: true });
        await shop.put(`${src}/lib`, 'x');
      },
    ],
    [
      'the text of a link',
      async () => {
        await rm(join(shop.root, src, 'server.js'));
        await shop.link(`${src}/server.js`, 'lib/money.js');
      },
    ],
  ])('%s changes it', async (_name, change) => {
    const before = await key();
    await change();
    expect(await key()).not.toBe(before);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['times', () => utimes(join(shop.root, src, 'server.js'), new Date(0), new Date(0))],
    ['rights of others', () => chmod(join(shop.root, src, 'server.js'), 0o666)],
    ['rights of folders', () => chmod(join(shop.root, src, 'lib'), 0o700)],
    ['files beside the layer', () => shop.put('services/checkout/README.md', 'x')],
    ['other services', () => shop.put('services/cart/src/server.js', 'x')],
    ['git’s own files', () => shop.put(`${src}/.git/index`, 'x')],
    [
      'the same bytes written again',
      async () => {
        const path = `${src}/server.js`;
        const text = await readFile(join(shop.root, path), 'utf8');
        await rm(join(shop.root, path));
        await shop.put(path, text);
      },
    ],
  ])('%s do not', async (_name, change) => {
    const before = await key();
    await change();
    expect(await key()).toBe(before);
  });
});

describe('what is missing or not allowed', () => {
  test('a path that is not there is named', async () => {
    shop.native = { layers: [{ from: 'dist', to: '/app' }] };
    const error = await failure(shop.facts());
    expect(error.code).toBe('context-missing');
    expect(error.message).toContain('`from: dist`');
    expect(error.message).toContain('services/checkout/dist is not there');
  });

  test('a socket is no part of an image', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(shop.root, src, 's'), resolve));
    expect((await failure(shop.facts())).message).toContain(
      'services/checkout/src/s is neither a file, a folder nor a link',
    );
    server.close();
  });

  describe('`from: /x` is from the root', () => {
    beforeEach(async () => {
      await shop.put('libs/money/index.js', 'export {}');
      await shop.put('libs/money/test/a.js', '');
      shop.native = { layers: [{ from: '/libs/money', to: '/app/money' }] };
    });
    test('and must be declared, every file of it', async () => {
      const error = await failure(shop.facts());
      expect(error.code).toBe('config-invalid');
      expect(error.message).toMatch(
        /libs\/money\/index\.js is not among its dependencies.*`dependencies\.paths` of checkout/,
      );
      shop.covers = (path) => path === 'libs/money/index.js';
      expect((await failure(shop.facts())).message).toContain('libs/money/test/a.js is not among');
      shop.covers = (path) => path.startsWith('libs/money/');
      expect((await shop.facts()).layers[0]?.files.length).toBe(2);
    });
    test('its own folder needs no declaration, however it is written; a neighbour whose name begins the same does', async () => {
      for (const from of ['/services/checkout/src', '../checkout/src', '../../services/checkout/src']) {
        shop.native = { layers: [{ from, to: '/app' }] };
        expect((await shop.facts()).layers[0]?.files.length).toBe(2);
      }
      await shop.put('services/checkout-next/a.js', '');
      shop.native = { layers: [{ from: '../checkout-next', to: '/app' }] };
      expect((await failure(shop.facts())).code).toBe('config-invalid');
    });
    test('nothing outside of the repository', async () => {
      for (const from of ['../../../etc', '/..', '/../etc']) {
        shop.native = { layers: [{ from, to: '/app' }] };
        expect((await failure(shop.facts())).message).toContain('leaves the repository');
      }
    });
    test('and a place in the image is absolute', async () => {
      shop.covers = () => true;
      for (const to of ['app', './app', '']) {
        shop.native = { layers: [{ from: '/libs/money', to }] };
        expect((await failure(shop.facts())).message).toContain('no absolute path of the image');
      }
    });
  });

  test('what is not carried out yet is refused at use, and what is built is what is there', async () => {
    const gather = (image: Partial<typeof SETTINGS>) =>
      gatherImageFacts({
        root: shop.root,
        service: { name: 'checkout', path: 'services/checkout', image: { ...SETTINGS, ...image } },
        covers: () => false,
        source: undefined,
        now: 0,
        registry: shop.world.client,
        scratch: shop.scratch,
      });
    expect((await failure(gather({ native: undefined }))).code).toBe('dockerfile-missing');
    await shop.put('services/checkout/Dockerfile', 'FROM scratch');
    expect((await gather({ native: undefined }))?.builder).toBe('docker');
    expect((await gather({}))?.builder).toBe('native');
    expect(await gather({ builder: 'none' })).toBeUndefined();
  });
});

describe('the base', () => {
  test('U17: is resolved to its digest, which changes the key; a digest is taken as it is', async () => {
    const { world } = shop;
    const one = await pushSample(world.client, world.at('base'), 'one');
    const two = await pushSample(world.client, world.at('base'), 'two');
    await world.client.tag(world.at('base'), one, 'stable');
    shop.native = { base: `${world.at('base')}:stable` };
    expect((await shop.facts()).base).toEqual({ repository: world.at('base'), digest: one.digest });
    const before = await key();
    await world.client.tag(world.at('base'), two, 'stable');
    expect(await key()).not.toBe(before);
    shop.native = { base: `${world.at('base')}@${one.digest}` };
    const requests = world.server.requests.length;
    expect(await key()).toBe(before);
    expect(world.server.requests.length).toBe(requests);
  });
  test('that is not there is named', async () => {
    shop.native = { base: shop.world.at('none:such') };
    const error = await failure(shop.facts());
    expect(error.code).toBe('image-not-found');
    expect(error.message).toContain(shop.world.at('none:such'));
  });
});
