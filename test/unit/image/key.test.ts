import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { contentKey, type ImageFacts, keyOf, keyTag, platformsOf } from '../../../shared/image/index.ts';
import { canonicalJson, type ImageSettings, type NativeSettings, problem } from '../../../shared/model/index.ts';
import { dockerFacts, fileFact, imageFacts, layer, NATIVE, SETTINGS } from './facts.ts';

const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const OTHER = `sha256:${'b'.repeat(64)}` as const;
const native = (more: Partial<NativeSettings>): ImageFacts => imageFacts({ native: { ...NATIVE, ...more } });
const settings = (more: Partial<ImageSettings>): ImageFacts => imageFacts({ settings: { ...SETTINGS, ...more } });
const files = (...list: Parameters<typeof layer>[1][]): ImageFacts => imageFacts({ layers: [layer('/app', ...list)] });
const value = (facts: ImageFacts) => keyOf(facts).value;
const plain = value(imageFacts());

describe('what enters the key changes it', () => {
  const relevant: readonly (readonly [string, ImageFacts])[] = [
    ['bytes of a file', files(fileFact('a.js', { hash: 'f'.repeat(64) }), fileFact('server.js'))],
    ['mode of a file', files(fileFact('a.js', { mode: '100755' }), fileFact('server.js'))],
    ['a file that becomes a link', files(fileFact('a.js', { mode: '120000' }), fileFact('server.js'))],
    ['name of a file', files(fileFact('b.js', { hash: fileFact('a.js').hash }), fileFact('server.js'))],
    ['one file more', files(fileFact('a.js'), fileFact('b.js'), fileFact('server.js'))],
    ['one file less', files(fileFact('server.js'))],
    ['place of a layer', imageFacts({ layers: [layer('/srv', fileFact('a.js'), fileFact('server.js'))] })],
    [
      'how files are parted into layers',
      imageFacts({ layers: [layer('/app', fileFact('a.js')), layer('/app', fileFact('server.js'))] }),
    ],
    [
      'order of layers',
      imageFacts({ layers: [layer('/app', fileFact('server.js')), layer('/app', fileFact('a.js'))] }),
    ],
    ['base from scratch to one', imageFacts({ base: { repository: 'gcr.io/base', digest: DIGEST } })],
    ['entrypoint', native({ entrypoint: ['node', '/app/a.js'] })],
    ['order of the entrypoint', native({ entrypoint: ['/app/server.js', 'node'] })],
    ['cmd', native({ cmd: ['--port', '8080'] })],
    ['environment', native({ env: { NODE_ENV: 'production' } })],
    ['ports', native({ ports: [8080, 9090] })],
    ['user', native({ user: '65532:65532' })],
    ['workdir', native({ workdir: '/app' })],
    ['platforms', imageFacts({ platforms: platformsOf(['linux/amd64', 'linux/arm64']) })],
    ['another platform', imageFacts({ platforms: platformsOf(['linux/arm64']) })],
    ['labels that are baked in: the title', imageFacts({ service: 'basket' })],
    ['labels that are baked in: the source', imageFacts({ source: 'https://github.com/acme/other' })],
    ['epoch', settings({ cacheEpoch: 'after-the-incident' })],
    ['builder', dockerFacts()],
  ];
  test.each(relevant)('%s', (_name, facts) => expect(value(facts)).not.toBe(plain));
  test('and each of them differently', () => {
    expect(new Set(relevant.map(([, facts]) => value(facts))).size).toBe(relevant.length);
  });

  test('U17: the digest of the base, whatever it is called', () => {
    const on = (repository: string, digest: typeof DIGEST) => value(imageFacts({ base: { repository, digest } }));
    expect(on('gcr.io/base', DIGEST)).not.toBe(on('gcr.io/base', OTHER));
    expect(on('gcr.io/base', DIGEST)).toBe(on('mirror.example/base', DIGEST));
  });

  test('the part that changed is told by the parts', () => {
    const before = keyOf(imageFacts()).parts;
    const after = keyOf(native({ user: '1' })).parts;
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(['config']);
    expect(Object.keys(after)).toEqual(['base', 'config', 'epoch', 'files', 'labels', 'platforms']);
  });
});

describe('what does not make the bytes leaves the key', () => {
  test.each<[string, ImageFacts]>([
    [
      'where the files lay',
      imageFacts({ layers: [{ ...layer('/app', fileFact('a.js'), fileFact('server.js')), source: '/elsewhere' }] }),
    ],
    ['the repository', settings({ repository: 'ghcr.io/acme/other' })],
    ['tags', settings({ tags: ['latest'] })],
    ['how images are reused', settings({ reuse: 'off' })],
    [
      'secrets and what only docker reads',
      settings({ secrets: ['x'], buildArgs: { A: 'b' }, target: 'x', dockerfile: 'y' }),
    ],
    ['gates', settings({ gates: [{ name: 'scan', run: ['x'], timeoutMs: 1 }] })],
    ['the date', imageFacts({ now: Date.UTC(2031, 5, 5) })],
    ['order and repetition of ports', native({ ports: [8080, 8080] })],
    ['how the base is written', native({ base: 'whatever:tag' })],
    ['platforms in another order', imageFacts({ platforms: platformsOf(['linux/amd64', 'LINUX/amd64']) })],
  ])('%s', (_name, facts) => expect(value(facts)).toBe(plain));

  test('keys of objects in another order', () => {
    expect(value(native({ env: { A: '1', B: '2' } }))).toBe(value(native({ env: { B: '2', A: '1' } })));
  });
});

describe('cache-epoch', () => {
  const at = (cacheEpoch: string, iso: string) =>
    value(imageFacts({ settings: { ...SETTINGS, cacheEpoch }, now: Date.parse(iso) }));
  test.each([
    ['monthly', '2026-01-31T23:59:59Z', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
    ['weekly', '2026-01-05T00:00:00Z', '2026-01-11T23:59:59Z', '2026-01-12T00:00:00Z'],
    // 29 December 2025 is the Monday of 2026-W01.
    ['weekly', '2025-12-29T00:00:00Z', '2026-01-04T23:59:59Z', '2025-12-28T23:59:59Z'],
  ])('%s: the same within, another outside', (epoch, one, same, another) => {
    expect(at(epoch, one)).toBe(at(epoch, same));
    expect(at(epoch, one)).not.toBe(at(epoch, another));
  });
  test('never, and a text of the user, do not end', () => {
    expect(at('never', '2026-01-01T00:00:00Z')).toBe(at('never', '2036-01-01T00:00:00Z'));
    expect(at('x', '2026-01-01T00:00:00Z')).toBe(at('x', '2036-01-01T00:00:00Z'));
  });
});

test('the form of keys and their tags', () => {
  const key = keyOf(imageFacts());
  expect(key.value).toMatch(/^[0-9a-f]{64}$/);
  expect(keyTag(key)).toBe(`key-${key.value.slice(0, 40)}`);
  expect(contentKey('native', { a: 1 }).value).not.toBe(contentKey('docker', { a: 1 }).value);
});

test('the key stays what it is: whoever changes this changes every key, and must raise the schema', () => {
  const { value: known } = contentKey('native', { files: [['a', '100644', 'x']], base: 'scratch' });
  expect(known).toBe('32474aa000cff3926cff0b5982d56909e26a63c71517720aa75324562671cc59');
});

describe('an image of a Dockerfile', () => {
  const digest = { repository: 'docker.io/library/node', digest: DIGEST };
  const other = { repository: 'docker.io/library/node', digest: OTHER };
  const pin = (reference: string, image = digest) => ({ reference, image });
  const { dockerfile, context } = dockerFacts();
  const of = value(dockerFacts());
  test.each<[string, Parameters<typeof dockerFacts>[0]]>([
    [
      'bytes of a file',
      { context: { ...context, files: [fileFact('a.js', { hash: 'f'.repeat(40) }), fileFact('server.js')] } },
    ],
    [
      'mode of a file',
      { context: { ...context, files: [fileFact('a.js', { mode: '100755' }), fileFact('server.js')] } },
    ],
    ['place of a file', { context: { ...context, files: [fileFact('b/a.js'), fileFact('server.js')] } }],
    ['bytes of the Dockerfile', { dockerfile: { ...dockerfile, hash: 'e'.repeat(40) } }],
    ['what reads it', { dockerfile: { ...dockerfile, frontend: pin('docker.io/docker/dockerfile:1') } }],
    [
      'another version of that',
      { dockerfile: { ...dockerfile, frontend: pin('docker.io/docker/dockerfile:1', other) } },
    ],
    ['a base', { pins: [pin('docker.io/library/node:24')] }],
    ['U17: another digest of it', { pins: [pin('docker.io/library/node:24', other)] }],
    ['build arguments', { buildArgs: { MODE: 'x' } }],
    ['target', { target: 'runtime' }],
    ['secrets by id', { secrets: ['npm_token'] }],
    ['platforms', { platforms: platformsOf(['linux/arm64', 'linux/amd64']) }],
    ['epoch', { settings: { ...SETTINGS, cacheEpoch: 'again' } }],
    ['labels', { source: 'https://github.com/acme/other' }],
    ['builder', undefined],
  ])('%s: changes the key', (_name, more) => {
    expect(more === undefined ? value(imageFacts()) : value(dockerFacts(more))).not.toBe(of);
  });
  test.each<[string, Parameters<typeof dockerFacts>[0]]>([
    ['where the context lies', { context: { ...context, source: '/elsewhere' } }],
    [
      'where the Dockerfile lies, and its text beside its hash',
      { dockerfile: { ...dockerfile, source: '/x', text: 'y' } },
    ],
    ['the ignore file beside what it leaves out', { context: { ...context, ignore: '# x\n**/.git\n' } }],
    ['proxies', { buildArgs: { http_proxy: 'x', HTTPS_PROXY: 'y', NO_PROXY: 'z' } }],
    ['notes', { volatile: ['x'], notes: [problem('context-unwatched', 'x')] }],
    ['repository, tags and reuse', { settings: { ...SETTINGS, repository: 'x.io/y', tags: [], reuse: 'off' } }],
    ['the name of the base beside its pins', { base: digest }],
  ])('%s: does not', (_name, more) => expect(value(dockerFacts(more))).toBe(of));
});

test('equal parts give equal keys in whatever order, others do not', () => {
  const parts = fc.dictionary(fc.constantFrom('files', 'base', 'config'), fc.jsonValue());
  fc.assert(
    fc.property(parts, parts, (one, two) => {
      const turned = Object.fromEntries(Object.entries(one).reverse());
      expect(contentKey('native', turned)).toEqual(contentKey('native', one));
      const same = canonicalJson(one) === canonicalJson(two);
      expect(contentKey('native', one).value === contentKey('native', two).value).toBe(same);
    }),
    { seed: 5 },
  );
});
