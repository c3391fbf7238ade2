import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { canonicalJson, type DeployEvent, type EventKind, FOREIGN_TARGET } from '../../../shared/model/index.ts';
import {
  boundEvent,
  EVENT_BYTES,
  eventId,
  eventJsonSchema,
  parseEvent,
  parseState,
  purlOf,
  statusOf,
} from '../../../shared/record/index.ts';
import { at, digestOf, entryOf, eventOf, factsOf, imageOf, releaseOf, runOf, SECRET, TARGET } from './samples.ts';

const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
const valid = ajv.compile(eventJsonSchema());

describe('an event', () => {
  test('the id is the same for every attempt and phase, and another for all else it is the hash of', () => {
    const id = (run = runOf('1'), kind: EventKind = 'deploy', letter = 'A') =>
      eventId(factsOf(run), kind, digestOf(letter));
    expect(id()).toMatch(/^[0-9a-f]{32}$/);
    expect(id(runOf('1', 2))).toBe(id());
    const others = [
      id(runOf('2')),
      id(runOf('1', 1, 'other')),
      id(runOf('1'), 'rollback'),
      id(runOf('1'), 'deploy', 'B'),
    ];
    expect(new Set([id(), ...others]).size).toBe(5);
  });

  test('holds all that is known, and follows its JSON Schema', () => {
    const live = { ...releaseOf('A'), event: 'a'.repeat(32), since: at(0) };
    const event = eventOf('deployed', entryOf('B', 5, { live, reason: 'asked for' }), { finished: 9 });
    expect(valid(JSON.parse(canonicalJson(event)))).toBe(true);
    expect(event).toMatchObject({
      stream: 'production/checkout',
      phase: 'both',
      status: 'success',
      outcome: 'deployed',
      message: 'asked for',
      prev: { event_id: live.event, digest: digestOf('A'), version: '1.0.0-A' },
      actor: { login: 'ada', type: 'user' },
      times: { started: at(5), finished: at(9) },
      commit: { date: at(0) },
      target: TARGET,
    });
  });

  test('every event that is made follows the JSON Schema and comes back from its text as it was', () => {
    for (const outcome of [undefined, 'deployed', 'rolled-back', 'failed', 'unchanged', 'removed'] as const) {
      for (const [scope, target] of [
        ['digest', TARGET],
        ['stream', TARGET],
        ['digest', FOREIGN_TARGET],
      ] as const) {
        const release = { ...releaseOf('B'), target };
        const event = eventOf(outcome, entryOf('B', 5, { scope, release }), { finished: 9 });
        const text = canonicalJson(event);
        expect([valid(JSON.parse(text)), valid.errors]).toEqual([true, null]);
        const parsed = parseEvent(text);
        expect('value' in parsed && canonicalJson(parsed.value)).toBe(text);
      }
    }
  });

  test('a rollback says what it takes back', () => {
    const live = { ...releaseOf('B'), event: 'b'.repeat(32), since: at(0) };
    const event = eventOf('rolled-back', entryOf('A', 5, { live, kind: 'rollback' }));
    expect(event.links.rolls_back).toBe(live.event);
    expect(event.hold).toBe('digest');
  });

  test('no secret is left in any text that came from outside', () => {
    const leak = `token=${SECRET}`;
    const checks = [{ name: leak, passed: false, seen: leak, attempts: 1, durationMs: 1 }];
    const settled = {
      sentence: leak,
      url: `https://x.example/?${leak}`,
      checks,
      evidence: { summary: leak, checks, log: [leak] },
    };
    const release = { ...releaseOf('B'), version: leak };
    const event = eventOf('failed', entryOf('B', 1, { reason: leak, release }), { settled });
    expect(canonicalJson(event)).not.toContain(SECRET);
    expect(event.message).toContain('***');
    expect(event.commit.title).toBe('Fix rounding, password=***');
  });

  test('what failed is said before why it was asked for', () => {
    expect(eventOf('failed', entryOf('B', 1, { reason: 'hurry' })).message).toBe('It ended failed.');
    expect(eventOf('deployed', entryOf('B', 1, { reason: 'hurry' })).message).toBe('hurry');
  });

  test.each([
    ['deployed', 'success'],
    ['unchanged', 'success'],
    ['rolled-back', 'success'],
    ['removed', 'success'],
    ['superseded', 'superseded'],
    ['rolled-back-after-failure', 'failure'],
    ['rollback-failed', 'failure'],
    ['failed', 'failure'],
    ['cancelled', 'cancelled'],
    ['unknown', 'unknown'],
  ] as const)('%s stands as %s', (outcome, status) => expect(statusOf(outcome)).toBe(status));

  test('package URL', () => {
    expect(purlOf(imageOf('A'))).toBe(
      `pkg:oci/checkout@sha256%3A${digestOf('A').slice(7)}?repository_url=ghcr.io/acme/shop/checkout`,
    );
    expect(purlOf({ ...imageOf('A'), repository: 'localhost:5000/a b' })).toContain('pkg:oci/a%20b@');
  });
});

describe('bounds', () => {
  const big = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 3_000 });
  const many = fc.array(big, { maxLength: 80 });

  test('an event is never over its bytes, still follows its schema, and says what was cut', () => {
    fc.assert(
      fc.property(big, many, many, (text, log, command) => {
        const checks = log.map((seen) => ({ name: text, passed: false, seen, attempts: 1, durationMs: 1 }));
        const target = {
          kind: 'command',
          deploy: command,
          status: command,
          rollback: undefined,
          remove: undefined,
        } as const;
        const release = { ...releaseOf('B'), version: text, by: text, target };
        const settled = { sentence: text, checks, evidence: { summary: text, checks, log } };
        const event = eventOf('failed', entryOf('B', 1, { release, overridden: log }), {
          settled,
          facts: { team: text, commitTitle: text },
        });
        const bytes = Buffer.byteLength(canonicalJson(event));
        expect(bytes).toBeLessThanOrEqual(EVENT_BYTES);
        expect(valid(JSON.parse(canonicalJson(event)))).toBe(true);
        const lost = event.target === null || (event.evidence?.log.length ?? 0) < Math.min(log.length, 50);
        if (lost) expect(event.annotations['cut']).toBeDefined();
      }),
      { numRuns: 30 },
    );
  });

  test('evidence goes first: the newest lines of the log are kept, the way back is kept', () => {
    const log = Array.from({ length: 200 }, (_, line) => `${line} ${'x'.repeat(390)}`);
    const checks = log.slice(0, 30).map((seen) => ({ name: 'check', passed: false, seen, attempts: 1, durationMs: 1 }));
    const event = eventOf('failed', entryOf('B', 1), { settled: { checks, evidence: { summary: 'x', checks, log } } });
    expect(event.evidence?.log.at(-1)).toMatch(/^199 /);
    expect(event.evidence?.log[0]).toMatch(/earlier lines were cut/);
    expect(event.annotations['cut']).toEqual(['evidence']);
    expect(event.target).toEqual(TARGET);
  });

  test('a small event is left alone', () => {
    const event = eventOf('deployed', entryOf('B', 1));
    expect(boundEvent(event)).toEqual(event);
  });
});

describe('reading', () => {
  const good: DeployEvent = eventOf('deployed', entryOf('B', 1));
  test.each([
    ['nothing', undefined, 'event.json is missing'],
    ['no JSON', '{', 'event.json is not JSON'],
    ['another version', canonicalJson({ ...good, v: 2 }), /\(v: /],
    [
      'a digest that is none',
      canonicalJson({ ...good, artifact: { ...good.artifact, digest: 'latest' } }),
      /artifact.digest/,
    ],
    [
      'a time without zone',
      canonicalJson({ ...good, times: { ...good.times, started: '2026-01-01 10:00' } }),
      /times.started/,
    ],
    [
      'a commit that is an option',
      canonicalJson({ ...good, commit: { ...good.commit, sha: '--upload-pack=x' } }),
      /commit.sha/,
    ],
  ])('%s is not believed', (_what, text, why) => {
    expect(parseEvent(text)).toEqual({ why: expect.stringMatching(why) });
  });

  test('a key of a later version is let through', () => {
    expect(parseEvent(canonicalJson({ ...good, sbom: 'x' }))).toHaveProperty('value.id', good.id);
  });

  test('a state says why it is none', () => {
    expect(parseState('{"v":1}')).toEqual({ why: expect.stringContaining('state.json does not follow its schema') });
  });
});
