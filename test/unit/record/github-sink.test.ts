import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../shared/io/clock.ts';
import { openDeployments } from '../../../shared/io/github/index.ts';
import type { DeployEvent, JournalEntry, Outcome } from '../../../shared/model/index.ts';
import { createSinks, project, type SinkDeps } from '../../../shared/record/index.ts';
import { type FakeGitHub, type GitHubFault, startGitHub } from '../../support/github.ts';
import { at, commitOf, digestOf, entryOf, eventOf, redact, releaseOf, runOf } from './samples.ts';

let github: FakeGitHub | undefined;
afterEach(async () => {
  await github?.close();
  github = undefined;
});

const REPO = '/repos/acme/shop';

async function worldOf(
  faults: readonly GitHubFault[] = [],
  {
    fields = {},
    timeoutMs = 8_000,
    throttle = false,
  }: { fields?: Record<string, string>; timeoutMs?: number; throttle?: boolean } = {},
) {
  const server = await startGitHub({ faults });
  github = server;
  const deps: SinkDeps = {
    fetch: globalThis.fetch,
    clock: { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) },
    random: () => 0.5,
    redact,
    env: () => undefined,
    learn: () => {},
    deployments: () =>
      openDeployments({ apiUrl: server.url, token: 'secret-token', repository: 'acme/shop', secondMs: 1, throttle }),
    streamOf: (event) => ({ environment: event.env.name, service: event.service, repository: undefined }),
  };
  const settings = {
    kind: 'github',
    name: 'github',
    url: undefined,
    environments: undefined,
    required: false,
    timeoutMs: timeoutMs * 50,
    fields,
  };
  const sinks = await createSinks([settings], deps);
  const send = async (event: DeployEvent) => (await project(event, sinks)).results['github'];
  const states = () =>
    server.deployments.map((it) => `${it.id} ${it.statuses.map((status) => status.state).join(' ')}`);
  return { server, send, states };
}

/** A deploy of `letter` by the run of the same name, after the one of `before`. */
function deployOf(letter: string, before?: string, more: Partial<JournalEntry> = {}) {
  const live = before === undefined ? undefined : { ...releaseOf(before), event: idOf(before), since: at(0) };
  const entry = entryOf(letter, 1, { live, ...more });
  const at_ = (attempt: number) => ({ run: runOf(letter, attempt) });
  return {
    start: (attempt = 1) => eventOf(undefined, entry, at_(attempt)),
    finish: (outcome: Outcome, attempt = 1) => eventOf(outcome, entry, { ...at_(attempt), phase: 'finish' }),
  };
}
const idOf = (letter: string): string => eventOf(undefined, entryOf(letter, 1), { run: runOf(letter) }).id;

describe('the sink of GitHub Deployments', () => {
  test('start and finish are one deployment of <environment>/<service>, by the words of GitHub', async () => {
    const { server, send, states } = await worldOf();
    const deploy = deployOf('A');
    expect(await send(deploy.start())).toEqual({ kind: 'ok', id: '1' });
    expect(states()).toEqual(['1 in_progress']);
    expect(await send(deploy.finish('deployed'))).toEqual({ kind: 'ok', id: '1' });
    expect(states()).toEqual(['1 in_progress success']);
    expect(server.violations).toEqual([]);
    expect(server.deployments[0]).toMatchObject({
      environment: 'production/checkout',
      sha: commitOf('A'),
      production: true,
      transient: false,
      task: 'deploy',
    });
    const made = server.requests.find((it) => it.method === 'POST' && it.path === `${REPO}/deployments`);
    expect(made?.authorization).toBe('token secret-token');
    expect(made?.body).toMatchObject({
      auto_merge: false,
      required_contexts: [],
      payload: {
        v: 1,
        event_id: idOf('A'),
        service: 'checkout',
        version: '1.0.0-A',
        digest: digestOf('A'),
        kind: 'deploy',
        prev: null,
        run: 'A/1',
        ledger: 'refs/slipway/v1/production/checkout',
      },
    });
    const statuses = server.requests.filter((it) => it.method === 'POST' && it.path.endsWith('/statuses'));
    expect(statuses.map((it) => it.body)).toEqual([
      expect.objectContaining({
        state: 'in_progress',
        auto_inactive: false,
        log_url: expect.stringContaining('/runs/A'),
      }),
      expect.objectContaining({ state: 'success', auto_inactive: false, environment_url: 'https://shop.example' }),
    ]);
  });

  test('the predecessor becomes inactive, and only after the new one is a success', async () => {
    const { server, send, states } = await worldOf();
    for (const [letter, before] of [
      ['A', undefined],
      ['B', 'A'],
    ] as const) {
      await send(deployOf(letter, before).start());
      await send(deployOf(letter, before).finish('deployed'));
    }
    expect(states()).toEqual(['1 in_progress success inactive', '2 in_progress success']);
    const order = server.requests
      .filter((it) => it.method === 'POST' && it.path.endsWith('/statuses'))
      .map((it) => it.path.split('/').at(-2));
    expect(order).toEqual(['1', '1', '2', '2', '1']);
    expect(server.violations).toEqual([]);
  });

  test.each<[Outcome, string]>([
    ['rolled-back-after-failure', 'failure'],
    ['failed', 'failure'],
    ['rollback-failed', 'failure'],
    ['cancelled', 'error'],
    ['unknown', 'error'],
    ['superseded', 'inactive'],
  ])('%s is %s, and what ran before stays active', async (outcome, state) => {
    const { send, states } = await worldOf();
    await send(deployOf('A').finish('deployed'));
    await send(deployOf('B', 'A').start());
    await send(deployOf('B', 'A').finish(outcome));
    expect(states()).toEqual(['1 success', `2 in_progress ${state}`]);
  });

  test('a rollback is a deployment of its own and ends the one it takes back', async () => {
    const { server, send, states } = await worldOf();
    await send(deployOf('A').finish('deployed'));
    await send(deployOf('B', 'A').finish('deployed'));
    const entry = entryOf('A', 9, { kind: 'rollback', live: { ...releaseOf('B'), event: idOf('B'), since: at(0) } });
    await send(eventOf('rolled-back', entry, { run: runOf('R') }));
    expect(states()).toEqual(['1 success inactive', '2 success inactive', '3 success']);
    expect(server.deployments[2]).toMatchObject({ task: 'rollback', sha: commitOf('A') });
  });

  test('removed: the deployment that was live ends, no other is made', async () => {
    const { send, states } = await worldOf();
    await send(deployOf('A').finish('deployed'));
    const entry = entryOf('A', 9, { kind: 'remove', live: { ...releaseOf('A'), event: idOf('A'), since: at(0) } });
    await send(eventOf(undefined, entry, { run: runOf('R') }));
    expect(await send(eventOf('removed', entry, { run: runOf('R') }))).toEqual({ kind: 'ok', id: '1' });
    expect(states()).toEqual(['1 success inactive']);
  });

  test('U13: a second attempt, and the same event again, make no second marker', async () => {
    const { server, send, states } = await worldOf();
    const deploy = deployOf('A');
    await send(deploy.start());
    await send(deploy.finish('failed'));
    await send(deploy.start(2));
    await send(deploy.finish('deployed', 2));
    await send(deploy.finish('deployed', 2));
    expect(states()).toEqual(['1 in_progress failure in_progress success']);
    // Long after that, another deploy is live; an old event that is sent once more does not bring this one back.
    await send(deployOf('B', 'A').finish('deployed'));
    await send(deploy.finish('deployed', 2));
    expect(states()).toEqual(['1 in_progress failure in_progress success inactive', '2 success']);
    expect(server.violations).toEqual([]);
  });

  test.each([
    ['hold', eventOf('held', entryOf('A', 1, { kind: 'hold' }))],
    ['release', eventOf('deployed', entryOf('A', 1, { kind: 'release' }))],
    ['flag', eventOf('deployed', entryOf('A', 1, { kind: 'flag' }))],
    ['unchanged', eventOf('unchanged', entryOf('A', 1))],
    ['superseded before it began', eventOf('superseded', entryOf('A', 1))],
  ])('%s is no deployment', async (_what, event) => {
    const { server, send } = await worldOf();
    expect(await send(event)).toMatchObject({ kind: 'skipped' });
    expect(server.requests).toEqual([]);
  });

  test('native: GitHub makes the record', async () => {
    const { server, send } = await worldOf([], { fields: { deployments: 'native' } });
    expect(await send(deployOf('A').start())).toMatchObject({ kind: 'skipped' });
    expect(server.requests).toEqual([]);
  });

  test('a deployment of another commit is not passed off as ours', async () => {
    const { server, send, states } = await worldOf();
    server.resolve = () => commitOf('Z');
    expect(await send(deployOf('A').start())).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining(commitOf('Z')),
    });
    expect(states()).toEqual(['1 error']);
  });

  test("other tools' deployments, and payloads that were encoded twice, are read with care", async () => {
    const { server, send, states } = await worldOf();
    await send(deployOf('A').start());
    const [first] = server.deployments;
    if (first === undefined) throw new Error('no deployment');
    const foreign = { ...first, id: 2, payload: 'deployed by hand', statuses: [] };
    Object.assign(server.deployments, [{ ...first, payload: JSON.stringify(first.payload) }, foreign]);
    await send(deployOf('A').finish('deployed'));
    expect(states()).toEqual(['1 in_progress success', '2 ']);
  });

  test('a long message is cut to what GitHub takes', async () => {
    const { server, send } = await worldOf();
    const event = eventOf('failed', entryOf('A', 1), { settled: { sentence: 'x'.repeat(500) } });
    expect(await send(event)).toMatchObject({ kind: 'ok' });
    expect(server.violations).toEqual([]);
    expect(server.deployments[0]?.statuses[0]?.description).toHaveLength(140);
  });
});

describe('when GitHub fails', () => {
  test.each([
    ['the list fails twice', [{ path: /^GET .*deployments$/, times: 2, status: 502 }]],
    ['the creation fails', [{ path: /^POST .*deployments$/, status: 500 }]],
    ['the creation arrives, its answer does not', [{ path: /^POST .*deployments$/, status: 502, after: true }]],
    ['a status fails', [{ path: /^POST .*statuses$/, status: 503 }]],
    ['a status arrives, its answer does not', [{ path: /^POST .*statuses$/, status: 502, after: true }]],
  ])('%s: one deployment, one status of each state', async (_what, faults) => {
    const { server, send, states } = await worldOf(faults);
    expect(await send(deployOf('A').start())).toEqual({ kind: 'ok', id: '1' });
    expect(await send(deployOf('A').finish('deployed'))).toEqual({ kind: 'ok', id: '1' });
    expect(states()).toEqual(['1 in_progress success']);
    expect(server.violations).toEqual([]);
  });

  test('a rate limit is waited for, within bounds', async () => {
    const limit = { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } };
    const soon = { path: /^POST .*deployments$/, headers: { 'retry-after': '2' }, ...limit };
    const { server, send, states } = await worldOf([soon], { throttle: true });
    expect(await send(deployOf('A').start())).toEqual({ kind: 'ok', id: '1' });
    expect(states()).toEqual(['1 in_progress']);
    // By the client itself, below the sink's own tries: those would have listed again.
    expect(server.requests.map((it) => it.method)).toEqual(['GET', 'POST', 'POST', 'POST']);
  });

  test('a missing permission is said with its remedy, once', async () => {
    const body = { message: 'Resource not accessible by integration' };
    const { server, send } = await worldOf([{ path: /./, times: 99, status: 403, body }]);
    const result = await send(deployOf('A').start());
    expect(result).toMatchObject({
      kind: 'failed',
      why: expect.stringMatching(/HTTP 403.*not accessible.*deployments: write/s),
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a failing GitHub is asked a bounded number of times', async () => {
    const { server, send } = await worldOf([{ path: /./, times: 999, status: 500 }]);
    expect(await send(deployOf('A').start())).toMatchObject({ kind: 'failed' });
    expect(server.requests.length).toBeLessThanOrEqual(9);
  });

  test('a GitHub that never answers is given up', async () => {
    const { send } = await worldOf([{ path: /./, times: 99, status: 500, hang: true }], { timeoutMs: 300 });
    expect(await send(deployOf('A').start())).toEqual({ kind: 'failed', why: 'no answer within 15.0 s' });
  });

  test('a wrong repository is an error before any call', async () => {
    await expect(
      openDeployments({ apiUrl: 'http://127.0.0.1:9', token: 'x', repository: 'shop' }),
    ).rejects.toMatchObject({ code: 'input-invalid' });
  });
});
