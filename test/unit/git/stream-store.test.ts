import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../shared/io/clock.ts';
import { openStreamStore, type StreamStoreOptions } from '../../../shared/io/git/index.ts';
import type { Clock, StreamChange, StreamStore } from '../../../shared/model/index.ts';
import { Sandbox } from './support.ts';

const box = new Sandbox();
afterAll(() => box.remove());

const impatient: Clock = { now: () => systemClock.now(), sleep: () => Promise.resolve() };

function store(remote: string, more: Partial<StreamStoreOptions> = {}): StreamStore {
  return openStreamStore(remote, { ...box.options(), clock: impatient, random: Math.random, ...more });
}

const change = (parent: string | undefined, text: string, more: Partial<StreamChange> = {}): StreamChange => ({
  parent,
  files: { 'event.json': `${text}\n`, 'state.json': '{}' },
  message: `deploy: ${text}\n\nEvent-Id: ${text}`,
  date: '2026-11-24T12:00:00.000Z',
  ...more,
});

async function appended(target: StreamStore, ref: string, next: StreamChange): Promise<string> {
  const result = await target.append(ref, next);
  if (result.kind !== 'appended') throw new Error(`${ref} moved`);
  return result.id;
}

const REF = 'refs/slipway/v1/production/checkout';

describe('a ledger', () => {
  test('that is empty has no streams', async () => {
    const empty = store(box.bare('empty'));
    expect(await empty.tips(['refs/slipway/', REF])).toEqual(new Map());
    expect(await empty.histories(['refs/slipway/'])).toEqual(new Map());
  });

  test('keeps commits with their files, in order, as everybody reads them', async () => {
    const remote = box.bare('order');
    const writer = store(remote);
    const odd = 'naïve "text"\twith\\odd\u2028parts\n\nfrom nobody\ndata 3\n';
    const first = await appended(writer, REF, change(undefined, odd));
    const second = await appended(writer, REF, change(first, 'two', { files: { 'event.json': '2' } }));
    const other = await appended(writer, `${REF}2`, change(undefined, 'other'));

    const reader = store(remote);
    expect(await reader.tips([REF])).toEqual(
      new Map([[REF, { id: second, parent: first, files: { 'event.json': '2' } }]]),
    );
    expect([...(await reader.tips(['refs/slipway/'])).keys()]).toEqual([REF, `${REF}2`]);
    expect(
      [...(await reader.tips([`${REF}2`, 'refs/slipway/v1/staging/checkout'])).values()].map((it) => it.id),
    ).toEqual([other]);
    const history = (await reader.histories([REF])).get(REF);
    expect(history?.map((it) => [it.id, it.parent])).toEqual([
      [first, undefined],
      [second, first],
    ]);
    expect(history?.[0]?.files).toEqual({ 'event.json': `${odd}\n`, 'state.json': '{}' });
    const shown = box.git(remote, 'log', '-1', '--format=%an <%ae> %cn <%ce> %aI %cI%n%B', first);
    const who = 'Slipway <slipway@users.noreply.github.com>';
    expect(shown).toBe(
      `${who} ${who} 2026-11-24T12:00:00+00:00 2026-11-24T12:00:00+00:00\n${change(undefined, odd).message}`.trim(),
    );
  });

  test('may hold folders, as the folded branch does', async () => {
    const remote = box.bare('folders');
    const files = { 'events/production/2026-11.jsonl': '1', 'events/dev/2026-11.jsonl': '2', root: 'r' };
    await appended(store(remote), 'refs/heads/slipway-ledger', change(undefined, 'fold', { files }));
    const tips = await store(remote).tips(['refs/heads/slipway-ledger']);
    expect(tips.get('refs/heads/slipway-ledger')?.files).toEqual(files);
  });

  test('the same change is the same commit; writing it twice is no second event', async () => {
    const remote = box.bare('again');
    const first = await appended(store(remote), REF, change(undefined, 'one'));
    expect(await appended(store(remote), REF, change(undefined, 'one'))).toBe(first);
    expect(box.git(remote, 'rev-list', '--count', REF)).toBe('1');
  });

  test('a parent that is not the newest commit has moved, whether it was read before or not', async () => {
    const remote = box.bare('moved');
    const one = store(remote);
    const first = await appended(one, REF, change(undefined, 'one'));
    const second = await appended(store(remote), REF, change(first, 'two'));
    expect(await one.append(REF, change(first, 'late'))).toEqual({ kind: 'moved' });
    expect(await store(remote).append(REF, change(first, 'late'))).toEqual({ kind: 'moved' });
    expect(await store(remote).append(REF, change(undefined, 'late'))).toEqual({ kind: 'moved' });
    expect(await store(remote).append(`${REF}2`, change(first, 'nothing there'))).toEqual({ kind: 'moved' });
    expect(box.git(remote, 'rev-parse', REF)).toBe(second);
  });

  test('a stream that is deleted is gone for a reader who saw it', async () => {
    const remote = box.bare('deleted');
    const one = store(remote);
    await appended(one, REF, change(undefined, 'one'));
    expect((await one.tips([REF])).size).toBe(1);
    box.git(remote, 'update-ref', '-d', REF);
    expect((await one.tips([REF])).size).toBe(0);
  });

  test('forged streams are shown as they are and break nobody else’s', async () => {
    const remote = box.bare('forged');
    const good = await appended(store(remote), REF, change(undefined, 'one'));
    const blob = box.gitWith(remote, 'x', 'hash-object', '-w', '--stdin');
    const huge = box.gitWith(remote, Buffer.alloc(17 * 1024 * 1024), 'hash-object', '-w', '--stdin');
    const tree = box.gitWith(remote, `100644 blob ${huge}\tevent.json\n120000 blob ${blob}\tstate.json\n`, 'mktree');
    const forged = box.git(remote, 'commit-tree', '-m', 'forged', tree);
    box.git(remote, 'update-ref', 'refs/slipway/v1/production/blob', blob);
    box.git(remote, 'update-ref', 'refs/slipway/v1/production/huge', forged);
    const tips = await store(remote).tips(['refs/slipway/']);
    expect([...tips].map(([ref, it]) => [ref, it.id, Object.keys(it.files)])).toEqual([
      ['refs/slipway/v1/production/blob', blob, []],
      [REF, good, ['event.json', 'state.json']],
      ['refs/slipway/v1/production/huge', forged, []],
    ]);
    expect((await store(remote).histories(['refs/slipway/'])).get('refs/slipway/v1/production/blob')).toHaveLength(1);
  });

  test('is found through a clone by the name of its remote', async () => {
    const remote = box.bare('named');
    const id = await appended(store(remote), REF, change(undefined, 'one'));
    const clone = box.clone(remote, 'named-clone');
    box.git(clone, 'remote', 'rename', 'origin', 'ledger');
    const found = store('ledger', { clone });
    expect((await found.tips([REF])).get(REF)?.id).toBe(id);
    expect(found.name).toBe('ledger');
    await expect(store('nothing', { clone }).tips([REF])).rejects.toMatchObject({ code: 'ledger-unavailable' });
  });

  test('streams do not come with an ordinary clone', async () => {
    const remote = box.bare('unseen');
    await appended(store(remote), REF, change(undefined, 'one'));
    expect(box.git(box.clone(remote, 'unseen-clone'), 'for-each-ref')).toBe('');
  });
});

describe('many writers', () => {
  test('a stream that begins while an empty ledger is read is read', async () => {
    const [remote, other] = [box.bare('beginning'), box.bare('beginning-other')];
    const id = await appended(store(other), REF, change(undefined, 'one'));
    // The remote gets the stream after the first fetch, when it is asked whether it is empty.
    const folder = box.path('beginning-bin');
    mkdirSync(folder);
    const { PATH = '' } = process.env;
    const write = `PATH='${PATH}' git -C '${remote}' fetch --quiet '${other}' '${REF}:${REF}'`;
    const script = `case " $* " in *" ls-remote "*) ${write};; esac\nPATH='${PATH}' exec git "$@"`;
    writeFileSync(`${folder}/git`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const reader = store(remote, { environment: { PATH: `${folder}:${PATH}` } });
    expect((await reader.tips(['refs/slipway/'])).get(REF)?.id).toBe(id);
  });

  async function persist(target: StreamStore, ref: string, text: string): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const tip = (await target.tips([ref])).get(ref)?.id;
      if ((await target.append(ref, change(tip, text))).kind === 'appended') return;
      await systemClock.sleep(Math.random() * 300);
    }
    throw new Error('starved');
  }

  test('two at once: one is written, the other is told', async () => {
    const remote = box.bare('two');
    const base = await appended(store(remote), REF, change(undefined, 'base'));
    const results = await Promise.all(['a', 'b'].map((text) => store(remote).append(REF, change(base, text))));
    expect(results.map((it) => it.kind).sort()).toEqual(['appended', 'moved']);
    expect(box.git(remote, 'rev-list', '--count', REF)).toBe('2');
  });

  test('twenty on one stream: nothing is lost', async () => {
    const remote = box.bare('twenty-one');
    const texts = Array.from({ length: 20 }, (_, index) => `event ${index}`);
    await Promise.all(texts.map((text) => persist(store(remote), REF, text)));
    const history = (await store(remote).histories([REF])).get(REF) ?? [];
    expect(history.map((it) => it.files['event.json']?.trim()).sort()).toEqual([...texts].sort());
  }, 240_000);

  test('twenty on twenty streams, through one store: nothing is lost, nobody waits for another', async () => {
    const remote = box.bare('twenty-twenty');
    const one = store(remote);
    const refs = Array.from({ length: 20 }, (_, index) => `refs/slipway/v1/env-${index % 4}/service-${index}`);
    const results = await Promise.all(refs.map((ref) => one.append(ref, change(undefined, ref))));
    expect(results.every((it) => it.kind === 'appended')).toBe(true);
    expect([...(await store(remote).tips(['refs/slipway/'])).keys()].sort()).toEqual([...refs].sort());
  });
});

describe('a remote that does not take it', () => {
  function hook(remote: string, name: string, script: string): void {
    mkdirSync(`${remote}/hooks`, { recursive: true });
    writeFileSync(`${remote}/hooks/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(`${remote}/hooks/${name}`, 0o755);
  }

  test('a hook that refuses is told in its own words, at once', async () => {
    const remote = box.bare('refusing');
    hook(remote, 'pre-receive', 'echo "refs under refs/slipway are not allowed here" >&2; exit 1');
    const waits: number[] = [];
    const clock: Clock = { now: () => 0, sleep: (ms) => Promise.resolve(void waits.push(ms)) };
    const failure = store(remote, { clock }).append(REF, change(undefined, 'one'));
    await expect(failure).rejects.toMatchObject({
      code: 'ledger-unavailable',
      message: expect.stringMatching(
        /pre-receive hook declined.*refs under refs\/slipway are not allowed.*contents: write/s,
      ),
    });
    expect(waits).toEqual([]);
  });

  test('a ref that the server hides', async () => {
    const remote = box.bare('hidden');
    box.git(remote, 'config', 'receive.hideRefs', 'refs/slipway');
    await expect(store(remote).append(REF, change(undefined, 'one'))).rejects.toMatchObject({
      code: 'ledger-unavailable',
      message: expect.stringContaining('hidden ref'),
    });
  });

  test('a remote that is not there', async () => {
    const nowhere = store(box.path('nowhere'));
    await expect(nowhere.tips([REF])).rejects.toMatchObject({
      code: 'ledger-unavailable',
      message: expect.stringContaining(box.path('nowhere')),
    });
    await expect(nowhere.append(REF, change(undefined, 'one'))).rejects.toMatchObject({ code: 'ledger-unavailable' });
  });

  test('trouble that passes is waited for, with growing and uneven pauses', async () => {
    const remote = box.bare('trouble');
    const waits: number[] = [];
    // The server dies in the midst of it: the line breaks without a word.
    hook(remote, 'pre-receive', 'test -e passing && exit 0; kill -9 $PPID');
    const clock: Clock = {
      now: () => 0,
      sleep: (ms) => {
        waits.push(ms);
        if (waits.length === 2) writeFileSync(`${remote}/passing`, '');
        return Promise.resolve();
      },
    };
    const id = await appended(store(remote, { clock, random: () => 0.5 }), REF, change(undefined, 'one'));
    expect(box.git(remote, 'rev-parse', REF)).toBe(id);
    expect(waits).toEqual([300, 600]);
  });

  test('a push that was written although the line broke is found, not written again', async () => {
    const remote = box.bare('broken-line');
    hook(remote, 'post-receive', 'echo x >> pushes; kill -9 $PPID');
    const first = await appended(store(remote), REF, change(undefined, 'one'));
    expect(box.git(remote, 'rev-parse', REF)).toBe(first);
    expect(box.git(remote, 'rev-list', '--count', REF)).toBe('1');
  });

  test('also when another has appended to it before anybody could look', async () => {
    const remote = box.bare('overtaken');
    const next = '$(git commit-tree -m next -p "$new" "$new^{tree}")';
    hook(
      remote,
      'post-receive',
      [
        'export GIT_AUTHOR_NAME=b GIT_AUTHOR_EMAIL=b@b GIT_COMMITTER_NAME=b GIT_COMMITTER_EMAIL=b@b',
        `read old new ref; git update-ref "$ref" "${next}" "$new"; kill -9 $PPID`,
      ].join('\n'),
    );
    const id = await appended(store(remote), REF, change(undefined, 'one'));
    expect(box.git(remote, 'rev-parse', `${REF}~1`)).toBe(id);
  });

  test('a lock that stays is given up after a bounded number of tries', async () => {
    const remote = box.bare('locked');
    const first = await appended(store(remote), REF, change(undefined, 'one'));
    writeFileSync(`${remote}/${REF}.lock`, '');
    const waits: number[] = [];
    const clock: Clock = { now: () => 0, sleep: (ms) => Promise.resolve(void waits.push(ms)) };
    await expect(store(remote, { clock }).append(REF, change(first, 'two'))).rejects.toMatchObject({
      code: 'ledger-unavailable',
    });
    expect(waits).toHaveLength(3);
    expect(existsSync(`${remote}/${REF}`)).toBe(true);
  });
});
