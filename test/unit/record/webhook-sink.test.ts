import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import * as z from 'zod';
import { systemClock } from '../../../shared/io/clock.ts';
import type { DeployEvent, Json, Outcome, SinkSettings } from '../../../shared/model/index.ts';
import { type CreateSink, createSinks, project, type SinkDeps } from '../../../shared/record/index.ts';
import { at, entryOf, eventOf, redact, releaseOf, runOf, SECRET } from './samples.ts';

const CONTRACT = new URL('../../contracts/cdevents-0.5.1/', import.meta.url);
const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);
const byType = new Map<string, string>();
for (const folder of ['', 'links/']) {
  for (const file of readdirSync(new URL(folder, CONTRACT)).filter((name) => name.endsWith('.json'))) {
    const schema = JSON.parse(readFileSync(new URL(`${folder}${file}`, CONTRACT), 'utf8'));
    ajv.addSchema(schema);
    for (const type of schema.properties?.context?.properties?.type?.enum ?? []) byType.set(type, schema.$id);
  }
}

/** What the specification has against a CDEvent. */
function wrong(event: { context: { type: string } }): unknown {
  const id = byType.get(event.context.type);
  if (id === undefined) return `no such type: ${event.context.type}`;
  const validate = ajv.getSchema(id);
  return validate?.(event) ? null : validate?.errors;
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A receiver that answers with these statuses, one a request, then with 202; a status of 0 is no answer at all. */
async function receiver(statuses: number[] = [], headers: Record<string, string> = {}) {
  const received: Received[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    incoming.on('end', () => {
      received.push({ headers: incoming.headers, body });
      const status = statuses.shift() ?? 202;
      if (status !== 0) outgoing.writeHead(status, headers).end('an answer that nobody reads');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const address = server.address();
  return { received, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook` };
}

const ENVIRONMENT: Record<string, string> = { HOOK_SECRET: 'a secret for signatures', NO_URL: 'hunter2/hook' };
const deps: SinkDeps = {
  fetch: globalThis.fetch,
  clock: { now: systemClock.now, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) },
  random: () => 0.5,
  redact,
  env: (name) => ENVIRONMENT[name],
  learn: () => {},
  deployments: () => Promise.reject(new Error('not here')),
  streamOf: (event) => ({ environment: event.env.name, service: event.service, repository: undefined }),
};

const settingsOf = (
  url: SinkSettings['url'],
  fields: Record<string, Json> = {},
  more: Partial<SinkSettings> = {},
): SinkSettings => ({
  kind: 'webhook',
  name: 'hook',
  url,
  environments: undefined,
  required: false,
  timeoutMs: 100_000,
  fields,
  ...more,
});

const send = async (settings: SinkSettings, event: DeployEvent) =>
  (await project(event, await createSinks([settings], deps))).results['hook'];

const live = { ...releaseOf('A'), event: 'a'.repeat(32), since: at(0) };

describe('the webhook', () => {
  test.each<[string, DeployEvent, string]>([
    ['a start', eventOf(undefined, entryOf('A', 1)), 'pipelinerun.started'],
    ['a first deploy', eventOf('deployed', entryOf('A', 1)), 'service.deployed'],
    ['a later one', eventOf('deployed', entryOf('B', 1, { live })), 'service.upgraded'],
    ['a rollback', eventOf('rolled-back', entryOf('B', 1, { live, kind: 'rollback' })), 'service.rolledback'],
    ['a removal', eventOf('removed', entryOf('A', 1, { live, kind: 'remove' })), 'service.removed'],
    ['a failure', eventOf('failed', entryOf('A', 1)), 'pipelinerun.finished'],
    [
      'one that took itself back',
      eventOf('rolled-back-after-failure', entryOf('B', 1, { live })),
      'pipelinerun.finished',
    ],
    ['a cancelled one', eventOf('cancelled', entryOf('A', 1)), 'pipelinerun.finished'],
    ['an unknown end', eventOf('unknown', entryOf('A', 1)), 'pipelinerun.finished'],
    [
      'a run without address',
      eventOf(undefined, entryOf('A', 1), { run: { ...runOf('1'), url: undefined } }),
      'pipelinerun.started',
    ],
    ['a flag', eventOf('deployed', entryOf('A', 1, { kind: 'flag' })), 'environment.modified'],
  ])('%s is a CDEvent of 0.5.1, in CloudEvents 1.0 of the binary mode', async (_what, event, type) => {
    const { received, url } = await receiver();
    expect(await send(settingsOf(url), event)).toMatchObject({ kind: 'ok' });
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const sent = JSON.parse(body);
    expect(wrong(sent)).toBeNull();
    expect(sent.customData).toEqual(JSON.parse(JSON.stringify(event)));
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-type': `dev.cdevents.${type}.0.3.0`,
      'ce-id': sent.context.id,
      'ce-source': sent.context.source,
      'ce-subject': sent.subject.id,
      'ce-time': sent.context.timestamp,
      'idempotency-key': sent.context.id,
    });
  });

  test('the structured mode has all of it in one JSON', async () => {
    const { received, url } = await receiver();
    const event = eventOf('deployed', entryOf('A', 1));
    await send(settingsOf(url, { mode: 'structured' }), event);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const cloudEvent = JSON.parse(body);
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(headers['ce-id']).toBeUndefined();
    expect(cloudEvent).toMatchObject({
      specversion: '1.0',
      type: 'dev.cdevents.service.deployed.0.3.0',
      source: 'https://github.com/acme/shop',
      datacontenttype: 'application/json',
    });
    expect(wrong(cloudEvent.data)).toBeNull();
  });

  test('U13: a re-run that says the same has the same id, another end has another', async () => {
    const { received, url } = await receiver();
    const end = (outcome: Outcome, attempt: number) => eventOf(outcome, entryOf('A', 1), { run: runOf('1', attempt) });
    for (const event of [end('failed', 1), end('failed', 2), end('deployed', 2)]) await send(settingsOf(url), event);
    const keys = received.map((it) => it.headers['idempotency-key']);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('a secret signs the body', async () => {
    const { received, url } = await receiver();
    await send(settingsOf(url, { secret: { env: 'HOOK_SECRET' } }), eventOf('deployed', entryOf('A', 1)));
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    const expected = createHmac('sha256', 'a secret for signatures').update(body).digest('hex');
    expect(headers['x-signature-256']).toBe(`sha256=${expected}`);
  });

  test.each([
    ['a hold', eventOf('held', entryOf('A', 1, { kind: 'hold' }))],
    ['unchanged', eventOf('unchanged', entryOf('A', 1))],
    ['superseded before it began', eventOf('superseded', entryOf('A', 1))],
  ])('%s is not sent', async (_what, event) => {
    const { received, url } = await receiver();
    expect(await send(settingsOf(url), event)).toMatchObject({ kind: 'skipped' });
    expect(received).toEqual([]);
  });

  test.each([
    [[503, 429], 3, 'ok'],
    [[500, 500, 500, 500], 3, 'failed'],
    [[400], 1, 'failed'],
    [[302], 1, 'failed'],
  ])('answers %j: %d requests, %s', async (statuses, count, kind) => {
    const { received, url } = await receiver(
      statuses,
      statuses[0] === 302 ? { location: '/elsewhere' } : { 'retry-after': '1' },
    );
    expect(await send(settingsOf(url), eventOf('deployed', entryOf('A', 1)))).toMatchObject({ kind });
    expect(received.length).toBeGreaterThanOrEqual(count === 1 ? 1 : count);
    expect(received.length).toBeLessThanOrEqual(3);
    expect(new Set(received.map((it) => it.headers['idempotency-key'])).size).toBe(1);
  });

  test('one that never answers is given up after its time', async () => {
    const { url } = await receiver([0, 0, 0]);
    const result = await send(settingsOf(url, {}, { timeoutMs: 10_000 }), eventOf('deployed', entryOf('A', 1)));
    expect(result).toEqual({ kind: 'failed', why: 'no answer within 10.0 s' });
  });
});

describe('sinks', () => {
  const event = eventOf('deployed', entryOf('A', 1));
  const sinkOf = async (create: CreateSink, more: Partial<SinkSettings> = {}) =>
    await createSinks([settingsOf(undefined, {}, { kind: 'test', ...more })], deps, {
      test: async () => ({ fields: z.strictObject({}), create }),
    });

  test('an address that is a secret is read from its variable, and never shown', async () => {
    const { received, url } = await receiver();
    ENVIRONMENT['HOOK_URL'] = url;
    expect(await send(settingsOf({ env: 'HOOK_URL' }), event)).toMatchObject({ kind: 'ok' });
    expect(received).toHaveLength(1);
    const wrong = await createSinks([settingsOf({ env: 'NO_URL' })], deps).catch(String);
    expect(wrong).toContain('The sink hook (kind webhook) finds no absolute address in the variable NO_URL.');
    expect(wrong).not.toContain('hunter2');
  });

  test('every wrong field is named', async () => {
    const wrong = settingsOf('https://x.example', { mode: 'both', tokn: { env: 'X' } });
    await expect(createSinks([wrong], deps)).rejects.toThrow(
      /wrong field: mode: .*\n.*"tokn"\. Did you mean `token`\?/,
    );
  });

  test('a new kind is one function and its line in the table', async () => {
    const seen: string[] = [];
    const sinks = await sinkOf(() => (it) => Promise.resolve(seen.push(it.id)).then(() => ({ kind: 'sent' })));
    expect((await project(event, sinks)).results).toEqual({ hook: { kind: 'ok', id: undefined } });
    expect(seen).toEqual([event.id]);
  });

  test('a kind that is none is named, with those there are', async () => {
    const unknown = settingsOf('https://x.example', {}, { kind: 'constructor', name: 'mine' });
    await expect(createSinks([unknown], deps)).rejects.toMatchObject({
      code: 'not-yet',
      message: expect.stringMatching(/sinks.kind: constructor.*github.*webhook/),
    });
  });

  test.each<[string, SinkSettings]>([
    ['no address', settingsOf(undefined)],
    ['a secret address that is not set', settingsOf({ env: 'NOT_SET' })],
    ['github with an address', settingsOf('https://x.example', {}, { kind: 'github' })],
    ['an address that is none', settingsOf('hook.example/x')],
    ['an unknown key', settingsOf('https://x.example', { colour: 'red' })],
    ['a mode that is none', settingsOf('https://x.example', { mode: 'both' })],
    ['a secret that is not set', settingsOf('https://x.example', { secret: { env: 'NOT_SET' } })],
    ['github with an unknown key', settingsOf(undefined, { deployments: 'both' }, { kind: 'github' })],
  ])('%s is refused before anything is deployed', async (_what, settings) => {
    await expect(createSinks([settings], deps)).rejects.toMatchObject({ code: 'config-invalid' });
  });

  test('a failure fails the step only where it is required, and keeps its secrets', async () => {
    const fails: CreateSink = () => () =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error(`no route, ${SECRET}`) }));
    const loose = await project(event, await sinkOf(fails));
    expect(loose).toMatchObject({ warnings: [{ code: 'sink-failed' }], failed: [] });
    expect(loose.results['hook']).toEqual({ kind: 'failed', why: 'fetch failed (no route, ***)' });
    expect((await project(event, await sinkOf(fails, { required: true }))).failed).toMatchObject([
      { code: 'sink-failed' },
    ]);
  });

  test('other environments are left out', async () => {
    const never: CreateSink = () => () => Promise.reject(new Error('sent'));
    const { results } = await project(event, await sinkOf(never, { environments: ['staging'] }));
    expect(results['hook']).toMatchObject({ kind: 'skipped' });
  });

  test('one that does not listen to its signal is given up all the same', async () => {
    const deaf: CreateSink = () => () => new Promise(() => {});
    expect((await project(event, await sinkOf(deaf, { timeoutMs: 50 }))).results['hook']).toMatchObject({
      kind: 'failed',
      why: 'no answer within 50 ms',
    });
  });
});
