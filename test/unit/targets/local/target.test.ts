import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Fenced, type Lease } from '../../../../shared/model/index.ts';
import { createTarget } from '../../../../shared/targets/index.ts';
import { freePort } from '../../../../shared/targets/local/ports.ts';
import { stubbornImage } from '../../../support/small-images.ts';
import { stateOf } from '../../deploy/world.ts';
import { ask, held, Place, settled } from './place.ts';

const never = new AbortController().signal;
/** Waits are shorter than they say. */
const fast = {
  now: () => Date.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms / 50)),
};
let place: Place;
beforeEach(async () => {
  place = await Place.make();
});
afterEach(() => place.clear());

describe('an image that runs', () => {
  test('has its own environment, rewritten paths, PORT, and none of the secrets of the action', async () => {
    const lease = await held(place.target());
    const url = await settled(lease, await place.release('v1'));
    const { env, argv, cwd, version } = await ask(url);
    const root = join(place.directory, 'images', (await place.images())[0] ?? '', 'rootfs');
    expect(version).toBe('v1');
    expect(argv.slice(1)).toEqual([`${root}/app/server.js`, `--data=${root}/app/data`, '/nowhere']);
    expect(cwd).toBe(`${root}/app/data`);
    expect(env).toMatchObject({ GREETING: 'hello', DATA: `${root}/app/data`, PORT: new URL(url ?? '').port });
    expect(env['PATH']).toBe(`${root}/app:${process.env['PATH']}`);
    expect(Object.keys(env).sort()).toEqual(expect.not.arrayContaining(['SECRET_TOKEN']));
    expect(JSON.stringify(env)).not.toContain('hunter2');
  });

  test('runs the program of the image before that of the machine', async () => {
    const image = await place.shelf.add({
      layers: [
        {
          'usr/bin/node': `#!/bin/sh\nexec ${process.execPath} -e 'require("net").createServer().listen(process.env.PORT)'\n`,
        },
      ],
      config: { Entrypoint: ['node'] },
    });
    const lease = await held(place.target());
    const release = { ...(await place.release('v1')), image };
    expect(await settled(lease, release)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  test('is taken from an index by platform, and is pulled once', async () => {
    const release = await place.release('v1');
    const arch = process.arch === 'x64' ? 'amd64' : process.arch;
    const other = await place.release('v2');
    const image = place.shelf.index({
      'linux/riscv64': other.image,
      [`linux/${arch}`]: release.image,
      'unknown/unknown': other.image,
    });
    const lease = await held(place.target());
    expect((await ask(await settled(lease, { ...release, image }))).version).toBe('v1');
    const pulled = place.shelf.pulled.length;
    await lease.prepare({ ...release, image });
    expect(place.shelf.pulled).toHaveLength(pulled);
  });

  test.each([
    [
      'is not in the registry',
      'image-not-found',
      async () => {
        const release = await place.release('v1');
        place.shelf.forget(release.image);
        return release;
      },
    ],
    [
      'is for other machines',
      'image-invalid',
      async () => {
        const { image } = await place.release('v1');
        return {
          ...(await place.release('v1')),
          image: place.shelf.index({ 'linux/mips': image, 'linux/s390x': image }),
        };
      },
    ],
    [
      'breaks off in the middle',
      'image-invalid',
      async () => {
        const image = await place.shelf.add({ layers: [{ 'app/x': 'x' }], config: { Entrypoint: ['node'] } });
        const { registry } = place.shelf;
        Object.defineProperty(place.shelf, 'registry', {
          value: {
            ...registry,
            blob: async (repository: string, blob: { digest: `sha256:${string}`; size: number }) =>
              blob.size < 1_000 ? registry.blob(repository, blob) : half(await registry.blob(repository, blob)),
          },
        });
        return { ...(await place.release('v1')), image };
      },
    ],
  ])('that %s is not there at all afterwards', async (_name, code, make) => {
    const release = await make();
    const lease = await held(place.target());
    await expect(lease.prepare(release)).rejects.toMatchObject({ code });
    expect(await place.images()).toEqual([]);
    await expect(lease.apply(release, 'steady')).rejects.toMatchObject({ code: 'image-not-found' });
  });
});

async function* half(stream: AsyncIterable<Uint8Array>) {
  for await (const chunk of stream) yield chunk.subarray(0, 700);
}

describe('without a port', () => {
  test('the new process runs beside the old one until it has settled; state.json says which counts', async () => {
    const target = place.target();
    const lease = await held(target);
    const first = await settled(lease, await place.release('v1'));
    const second = await place.release('v2');
    await lease.prepare(second);
    expect((await target.observe()).live?.event).toBe('event-of-v1');
    await lease.apply(second, 'steady');
    const ready = await lease.ready(never, () => {});
    expect(ready).toMatchObject({ kind: 'ready' });
    const seen = await target.observe();
    expect(seen).toMatchObject({ live: { event: 'event-of-v2', image: second.image, sequence: 1 } });
    expect((await ask(first)).version).toBe('v1');
    expect((await ask(seen.url)).version).toBe('v2');
    await lease.settle();
    expect(await place.running()).toHaveLength(1);
    await expect(fetch(first ?? '')).rejects.toThrow();
    expect(JSON.parse(await place.file('state.json'))).toMatchObject({
      v: 1,
      live: { version: 'v2' },
      settled: { version: 'v2' },
    });
  });

  test('going back to what still runs starts nothing', async () => {
    const lease = await held(place.target());
    const release = await place.release('v1');
    const { pid } = await ask(await settled(lease, release));
    const bad = await place.release('silent2');
    await lease.prepare(bad);
    await lease.apply(bad, 'steady');
    await lease.apply(release, 'one-wave');
    const ready = await lease.ready(never, () => {});
    expect((await ask(ready.kind === 'ready' ? ready.url : '')).pid).toBe(pid);
    await lease.settle();
    expect(await place.running()).toEqual([pid]);
  });

  test('going back to what has ended starts it again, and pulls what was cleared away', async () => {
    const lease = await held(place.target());
    const releases = await Promise.all(['v1', 'v2', 'v3', 'v4'].map((it) => place.release(it)));
    for (const release of releases) await settled(lease, release);
    expect(await place.images()).toHaveLength(3);
    const [v1, , v3] = releases;
    if (v1 === undefined || v3 === undefined) throw new Error('unreachable');
    const pulled = place.shelf.pulled.length;
    expect((await ask(await settled(lease, v3))).version).toBe('v3');
    expect(place.shelf.pulled).toHaveLength(pulled);
    expect((await ask(await settled(lease, v1))).version).toBe('v1');
    expect(place.shelf.pulled.length).toBeGreaterThan(pulled);
    expect(await place.running()).toHaveLength(1);
  });

  test('applying again what is applied changes only the event', async () => {
    const target = place.target();
    const lease = await held(target);
    const release = await place.release('v1');
    const { pid } = await ask(await settled(lease, release));
    await lease.apply({ ...release, event: 'another' }, 'steady');
    const seen = await target.observe();
    expect(seen.live?.event).toBe('another');
    expect((await ask(seen.url)).pid).toBe(pid);
    expect(await place.running()).toEqual([pid]);
  });
});

describe('with a port', () => {
  test('the new process replaces the old one', async () => {
    const port = await freePort();
    const lease = await held(place.target({ port }));
    const url = await settled(lease, await place.release('v1', port));
    expect(url).toBe(`http://127.0.0.1:${port}`);
    const before = await ask(url);
    const after = await ask(await settled(lease, await place.release('v2', port)));
    expect([before.version, after.version, after.env['PORT']]).toEqual(['v1', 'v2', String(port)]);
    expect(await place.running()).toEqual([after.pid]);
    expect((await ask(await settled(lease, await place.release('v1', port)))).version).toBe('v1');
  });

  test('a process that does not end for SIGTERM is killed', async () => {
    const port = await freePort();
    const lease = await held(place.target({ port, clock: fast }));
    const stubborn = { ...(await place.release('v1', port)), image: await stubbornImage(place.shelf, 'v1') };
    await settled(lease, stubborn);
    expect((await ask(await settled(lease, await place.release('v2', port)))).version).toBe('v2');
    expect(await place.running()).toHaveLength(1);
  });

  test('a port that another program has is said so, and nothing of ours is started', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      const target = place.target({ port, clock: fast });
      const lease = await held(target);
      const release = await place.release('v1', port);
      await lease.prepare(release);
      await expect(lease.apply(release, 'steady')).rejects.toMatchObject({ code: 'start-failed' });
      expect(await place.running()).toEqual([]);
      // It is past the commit point, and says so.
      expect((await target.observe()).live?.event).toBe('event-of-v1');
    } finally {
      server.close();
    }
  });
});

describe('an image that fails', () => {
  async function applied(version: string): Promise<Lease> {
    const lease = await held(place.target());
    const release = await place.release(version);
    await lease.prepare(release);
    await lease.apply(release, 'steady');
    return lease;
  }

  test('at its start: exit code and the end of its log are told', async () => {
    const lease = await applied('crash1');
    expect(await lease.ready(never, () => {})).toEqual({
      kind: 'failed',
      reason: 'start-failed',
      sentence: expect.stringMatching(
        /^crash1 ended with exit code 3 before .* Its last line: "the database is locked"\.$/,
      ),
    });
    expect(await lease.evidence()).toEqual({
      summary: 'The process has ended with exit code 3.',
      log: ['connecting', 'the database is locked'],
    });
  });

  test('by never listening: the wait ends with the signal', async () => {
    const lease = await applied('silent1');
    const readiness = await lease.ready(AbortSignal.timeout(300), () => {});
    expect(readiness).toMatchObject({
      kind: 'failed',
      reason: 'unhealthy',
      sentence: expect.stringMatching(/in time/),
    });
    expect((await lease.evidence()).summary).toMatch(/^The process runs/);
    await lease.remove();
    expect(await place.running()).toEqual([]);
  });

  test('because its program is nowhere', async () => {
    const image = await place.shelf.add({ layers: [{ x: 'x' }], config: { Cmd: ['no-such-program'] } });
    const lease = await held(place.target());
    const release = { ...(await place.release('v1')), image };
    await lease.prepare(release);
    await lease.apply(release, 'steady');
    const readiness = await lease.ready(never, () => {});
    expect(readiness).toMatchObject({
      reason: 'start-failed',
      sentence: expect.stringMatching(/exit code 127.*not found/),
    });
  });

  test('evidence is bounded and has no colours', async () => {
    const lease = await applied('v1');
    await lease.ready(never, () => {});
    const names = await readdir(join(place.directory, 'processes'));
    const log = names.find((it) => it.endsWith('.log'));
    await writeFile(
      join(place.directory, 'processes', log ?? ''),
      `${'\u001b[31mred\u001b[0m\u0000\n'.repeat(100_000)}last`,
    );
    const evidence = await lease.evidence();
    expect(evidence.log).toHaveLength(50);
    expect(evidence.log.slice(-2)).toEqual(['red', 'last']);
  });
});

describe('the lease', () => {
  test('has one holder, who is named; a released one is free', async () => {
    const target = place.target();
    const lease = await held(target, 'run-1');
    expect(await target.acquire({ id: 'run-2', url: undefined }, { force: false })).toMatchObject({
      kind: 'busy',
      holder: { id: 'run-1' },
    });
    expect((await target.observe()).lease).toEqual({ owner: { id: 'run-1', url: undefined }, alive: true });
    await lease.release();
    expect((await target.observe()).lease).toBeUndefined();
    expect((await held(target, 'run-2')).sequence).toBe(2);
  });

  test('the same owner may take it again; force takes it from anybody', async () => {
    const target = place.target();
    const first = await held(target, 'run-1');
    const again = await held(target, 'run-1');
    const forced = await held(target, 'run-2', true);
    expect([first, again, forced].map((it) => it.sequence)).toEqual([1, 2, 3]);
    await expect(again.renew()).rejects.toThrow(Fenced);
  });

  test('runs out without being renewed, and not with it', async () => {
    let now = Date.now();
    const clock = { now: () => now, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const target = place.target({ clock });
    const lease = await held(target, 'run-1');
    expect(lease.renewEveryMs).toBe(15_000);
    now += 59_000;
    await lease.renew();
    now += 59_000;
    await expect(held(target, 'run-2')).rejects.toThrow('busy: run-1');
    now += 2_000;
    expect((await target.observe()).lease).toMatchObject({ alive: false });
    expect((await held(target, 'run-2')).sequence).toBe(2);
    await expect(lease.renew()).rejects.toMatchObject({ name: 'Fenced', by: { id: 'run-2' } });
  });

  test('U4 a lost lease refuses every write, before it is done', async () => {
    const target = place.target();
    const lost = await held(target, 'run-1');
    const release = await place.release('v1');
    await lost.prepare(release);
    const lease = await held(target, 'run-2', true);
    await settled(lease, await place.release('v2'));
    const before = [await place.file('state.json'), await place.file('lease.json'), await place.running()];
    const other = await place.release('v3');
    const writes = [
      () => lost.renew(),
      () => lost.intend(undefined),
      () => lost.remember(stateOf()),
      () => lost.prepare(other),
      () => lost.apply(release, 'steady'),
      () => lost.ready(never, () => {}),
      () => lost.evidence(),
      () => lost.settle(),
      () => lost.remove(),
    ];
    for (const write of writes) await expect(write()).rejects.toThrow(Fenced);
    await lost.release();
    expect([await place.file('state.json'), await place.file('lease.json'), await place.running()]).toEqual(before);
    expect((await target.observe()).lease?.owner.id).toBe('run-2');
  });

  test('of many that come at once, one gets it', async () => {
    const target = place.target();
    const taken = await Promise.all(
      Array.from({ length: 12 }, (_, nth) => target.acquire({ id: `run-${nth}`, url: undefined }, { force: false })),
    );
    expect(taken.filter((it) => it.kind === 'held')).toHaveLength(1);
  });

  test('its sequence never goes down, even when its file is lost', async () => {
    const target = place.target();
    const lease = await held(target);
    await lease.release();
    const second = await held(target);
    await settled(second, await place.release('v1'));
    await rm(join(place.directory, 'lease.json'));
    expect((await held(target, 'run-9')).sequence).toBe(3);
  });
});

describe('what is on the disk', () => {
  test('an intent is read back as it was written, and cleared', async () => {
    const target = place.target();
    const lease = await held(target);
    const release = await place.release('v1');
    const intent = {
      event: 'e1',
      mode: 'deploy' as const,
      automatic: true,
      owner: { id: 'run-1', url: 'https://ci.example' },
      sequence: 1,
      release,
      previous: undefined,
      step: 'reverting' as const,
      startedAt: '2026-03-02T12:00:00.000Z',
      failure: { reason: 'unhealthy' as const, sentence: 's', evidence: { summary: 's', checks: [], log: ['l'] } },
    };
    await lease.intend(intent);
    expect((await target.observe()).intent).toEqual(intent);
    await lease.intend(undefined);
    expect((await target.observe()).intent).toBeUndefined();
  });

  test.each([
    ['state.json', '{"v":1', /state\.json is not JSON/],
    ['state.json', '{"v":2}', /state\.json is not as it was written, at v/],
    ['intent.json', '[]', /intent\.json is not as it was written/],
    ['lease.json', '', /lease\.json is not JSON/],
  ])('%s that cannot be read is an error, never taken for nothing', async (name, text, sentence) => {
    const target = place.target();
    await (await held(target)).release();
    await writeFile(join(place.directory, name), text);
    await expect(target.observe()).rejects.toMatchObject({
      code: 'target-state-invalid',
      message: expect.stringMatching(sentence),
    });
  });

  test('has no secrets', async () => {
    const lease = await held(place.target());
    await settled(lease, await place.release('v1'));
    for (const name of ['state.json', 'lease.json']) expect(await place.file(name)).not.toContain('hunter2');
  });
});

test.each(['gitops', 'command'] as const)('%s is refused until it can be used', (kind) => {
  const settings = { kind, deploy: [], status: undefined, rollback: undefined, remove: undefined } as never;
  expect(() => createTarget(settings, {} as never)).toThrow(expect.objectContaining({ code: 'not-yet' }));
});
