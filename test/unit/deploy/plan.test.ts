import { describe, expect, test } from '@jest/globals';
import {
  type Before,
  type DeployFacts,
  describePlan,
  planDeploy,
  promotionSources,
} from '../../../shared/deploy/index.ts';
import { deployAction } from '../../../shared/flow/interface/index.ts';
import type { DeployPlan, GateName, Hold, InDoubt, StreamState } from '../../../shared/model/index.ts';
import { commitOf, digestOf, factsOf, goodRelease, releaseOf, settingsOf, stateOf } from './world.ts';

const live = (version: number, change: Partial<StreamState> = {}): StreamState =>
  stateOf({ live: goodRelease(version), good: [goodRelease(version)], ...change });

const hold = (version: number | null): Hold => ({
  digest: version === null ? null : digestOf(version),
  event: 'e1',
  since: '2026-03-01T12:00:00.000Z',
  by: 'dana',
  reason: 'checkout fails',
});

const doubt = (version: number): InDoubt => ({
  event: `e${version}`,
  release: goodRelease(version),
  started: '2026-03-02T11:00:00.000Z',
  owner: 'acme/shop/77/1/deploy',
});

const waitsFor = (record: Before['record'], shows: Before['shows'] = { kind: 'not-looked', why: 'no credentials' }) => [
  { environment: 'staging', record, shows },
];
const shows = (version: number) => ({ kind: 'digest' as const, digest: digestOf(version) });
const freeze = { from: '2026-03-01T00:00', to: '2026-03-03T00:00', zone: 'Europe/Berlin', reason: 'holidays' };
const environment = (change: object) => ({ ...factsOf().environment, ...change });

const GATES: readonly GateName[] = [
  'human',
  'in-doubt',
  'freeze',
  'hold',
  'promotion',
  'ancestry',
  'evidence',
  'settings',
];

const MIGRATE = { name: 'migrate', run: ['x'], reversible: true };

type Row = [string, Partial<DeployFacts>, string, string | undefined, RegExp];

const verdictOf = ({ verdict }: DeployPlan) =>
  verdict.kind === 'go' ? { outcome: 'go', reason: undefined, sentence: '' } : verdict;

describe('the verdict', () => {
  test.each<Row>([
    ['first deploy', { record: 'missing' }, 'go', undefined, /^$/],
    ['newer commit', { record: live(1), ancestry: 'ahead' }, 'go', undefined, /^$/],
    ['same commit, other digest', { record: live(1), ancestry: 'same' }, 'go', undefined, /^$/],
    [
      'U7 old digest with a new commit',
      { record: live(1, { good: [goodRelease(1), goodRelease(2)] }), ancestry: 'ahead' },
      'go',
      undefined,
      /^$/,
    ],
    [
      'older commit',
      { record: live(3), ancestry: 'behind' },
      'superseded',
      'superseded',
      /older than what is live: v3 \(cccccccccccc, by dana\)/,
    ],
    ['diverged', { record: live(3), ancestry: 'diverged' }, 'gate-failed', 'diverged', /separate ways/],
    [
      'unknown ancestry',
      { record: live(3), ancestry: 'unknown' },
      'gate-failed',
      'ancestry-unknown',
      /Git does not know/,
    ],
    [
      'same digest and commit',
      { record: live(2), ancestry: 'same' },
      'unchanged',
      'unchanged',
      /live since 2026-03-01/,
    ],
    ['same digest, older commit', { record: live(2), ancestry: 'behind' }, 'superseded', 'superseded', /older/],
    [
      'same digest, but the target shows another',
      { record: live(2), ancestry: 'same', shows: shows(1) },
      'go',
      undefined,
      /^$/,
    ],
    [
      'same digest, but the target shows nothing',
      { record: live(2), ancestry: 'same', shows: { kind: 'nothing' } },
      'go',
      undefined,
      /^$/,
    ],
    [
      'U6 held digest',
      { record: live(1, { held: [hold(2)] }), ancestry: 'ahead' },
      'held',
      'held',
      /held since .* by dana: checkout fails/,
    ],
    ['held stream', { record: live(1, { held: [hold(null)] }), ancestry: 'ahead' }, 'held', 'held', /The whole stream/],
    ['another digest held', { record: live(1, { held: [hold(3)] }), ancestry: 'ahead' }, 'go', undefined, /^$/],
    [
      'frozen',
      { environment: environment({ freeze: [freeze] }) },
      'gate-failed',
      'freeze-active',
      /frozen until 2026-03-03T00:00 \(Europe\/Berlin\): holidays/,
    ],
    [
      'a person is needed',
      { record: live(1, { needs_human: { event: 'e1', sentence: 'It broke.' } }), ancestry: 'ahead' },
      'gate-failed',
      'needs-human',
      /event e1: It broke/,
    ],
    ['in doubt', { record: live(1, { in_doubt: doubt(3) }), ancestry: 'ahead' }, 'go', undefined, /^$/],
    ['U10 unbelievable', { record: 'unbelievable', ancestry: 'unknown' }, 'go', undefined, /^$/],
    [
      'evidence required',
      { environment: environment({ require: [{ gate: 'scan' }] }) },
      'gate-failed',
      'not-yet',
      /`environments.production.require: scan` is understood, but/,
    ],
    ['promoted', { before: waitsFor(live(2)) }, 'go', undefined, /^$/],
    ['promoted, seen in the target', { before: waitsFor(live(2), shows(2)) }, 'go', undefined, /^$/],
    [
      'was good before',
      { before: waitsFor(live(3, { good: [goodRelease(3), goodRelease(2)] }), shows(3)) },
      'go',
      undefined,
      /^$/,
    ],
    [
      'not promoted',
      { before: waitsFor(live(1)) },
      'gate-failed',
      'promotion-missing',
      /has not settled in staging: v1 .* is live there/,
    ],
    ['nothing there', { before: waitsFor('missing') }, 'gate-failed', 'promotion-missing', /nothing was ever deployed/],
    [
      'unbelievable there',
      { before: waitsFor('unbelievable') },
      'gate-failed',
      'promotion-missing',
      /cannot be believed/,
    ],
    [
      'held there',
      { before: waitsFor(live(1, { good: [goodRelease(1), goodRelease(2)], held: [hold(2)] })) },
      'gate-failed',
      'promotion-missing',
      /held in staging/,
    ],
    [
      'U9 in doubt there',
      { before: waitsFor(live(1, { in_doubt: doubt(2) })) },
      'gate-failed',
      'promotion-missing',
      /in doubt in staging/,
    ],
    ['another in doubt there', { before: waitsFor(live(2, { in_doubt: doubt(3) }), shows(3)) }, 'go', undefined, /^$/],
    [
      'U10 forged: the target there shows another',
      { before: waitsFor(live(2), shows(1)) },
      'gate-failed',
      'promotion-missing',
      /but the target there runs 0001/,
    ],
    [
      'U10 forged: the target there shows nothing',
      { before: waitsFor(live(2), { kind: 'nothing' }) },
      'gate-failed',
      'promotion-missing',
      /runs nothing/,
    ],
  ])('%s', (_name, change, outcome, reason, sentence) => {
    const verdict = verdictOf(planDeploy(factsOf(change)));
    expect(verdict).toMatchObject({ outcome, reason });
    expect(verdict.sentence).toMatch(sentence);
  });

  test.each<[string, Partial<DeployFacts>, string]>([
    [
      'a strategy',
      { settings: settingsOf({ strategy: { kind: 'canary', steps: [], traffic: 'replicas' } }) },
      '`deploy.strategy.kind: canary` of `checkout` in `production`',
    ],
    [
      'metrics',
      { settings: settingsOf({ verify: { http: [], metrics: { provider: 'prometheus' } } }) },
      '`deploy.verify.metrics`',
    ],
    [
      'a hook before',
      { settings: settingsOf({ hooks: { before: [MIGRATE], after: [] } }) },
      '`deploy.hooks: migrate` of `checkout`',
    ],
    [
      'a hook after',
      { settings: settingsOf({ hooks: { before: [], after: [MIGRATE] } }) },
      '`deploy.hooks: migrate` of `checkout`',
    ],
    [
      'an approval',
      { environment: environment({ approval: 'production-approval' }) },
      '`environments.production.approval: production-approval`',
    ],
  ])('%s that cannot be carried out is refused before the first write, whoever asks', (_name, change, sentence) => {
    const plan = planDeploy(factsOf({ ...change, overrides: GATES }));
    expect(verdictOf(plan)).toMatchObject({ outcome: 'gate-failed', reason: 'not-yet' });
    expect(verdictOf(plan).sentence).toContain(sentence);
  });

  test('without a configuration nothing new goes in, since nothing is known of what it would have to wait for', () => {
    const plan = planDeploy(factsOf({ settings: undefined, overrides: GATES }));
    expect(verdictOf(plan)).toMatchObject({ outcome: 'gate-failed', reason: 'config-missing' });
    const record = live(2, { good: [goodRelease(2), goodRelease(1)] });
    const back = planDeploy(factsOf({ mode: 'rollback', record, settings: undefined, release: undefined }));
    expect(back.verdict.kind).toBe('go');
  });

  test('only a new commit is recorded', () => {
    const same = planDeploy(factsOf({ record: live(2), ancestry: 'same' })).verdict;
    const moved = planDeploy(
      factsOf({ record: live(2), ancestry: 'ahead', release: { ...releaseOf(2), commit: commitOf(9) } }),
    ).verdict;
    expect(same).toMatchObject({ outcome: 'unchanged', record: false });
    expect(moved).toMatchObject({ outcome: 'unchanged', record: true });
  });

  test('the first gate that stops gives the outcome, and every gate is shown', () => {
    const plan = planDeploy(
      factsOf({
        record: live(3, { held: [hold(2)] }),
        ancestry: 'behind',
        environment: environment({ freeze: [freeze], require: [{ gate: 'scan' }] }),
        before: waitsFor('missing'),
      }),
    );
    expect(verdictOf(plan).reason).toBe('freeze-active');
    expect(plan.gates.filter((it) => it.verdict === 'stopped').map((it) => it.gate)).toEqual([
      'freeze',
      'hold',
      'promotion',
      'ancestry',
      'evidence',
    ]);
  });
});

test('an environment before this one whose target cannot be looked at does not block promotion, and the gate says so', () => {
  const plan = planDeploy(factsOf({ before: waitsFor(live(2)) }));
  expect(plan.verdict.kind).toBe('go');
  expect(plan.gates.find((it) => it.gate === 'promotion')).toMatchObject({
    verdict: 'passed',
    sentence: expect.stringMatching(/settled in staging \(by the record; no credentials\)/),
  });
});

describe('overrides', () => {
  test.each(['human', 'in-doubt', 'settings'])('the input does not take `%s`', (gate) => {
    expect(() => deployAction.inputs.override.parse(gate)).toThrow(gate);
  });

  test('pass the gate that is named, and are kept', () => {
    const plan = planDeploy(factsOf({ record: live(3), ancestry: 'behind', overrides: ['ancestry'] }));
    expect(plan.verdict.kind).toBe('go');
    expect(plan.gates.find((it) => it.gate === 'ancestry')).toMatchObject({
      verdict: 'overridden',
      reason: 'superseded',
    });
  });

  test.each([
    [
      'a person who is needed',
      { record: live(1, { needs_human: { event: 'e', sentence: 's' } }), ancestry: 'ahead' as const },
    ],
    ['what is unchanged', { record: live(2), ancestry: 'same' as const }],
  ])('do not pass %s', (_name, change) => {
    const plan = planDeploy(factsOf({ ...change, overrides: GATES }));
    expect(plan.verdict.kind).toBe('stop');
    expect(plan.gates.map((it) => it.gate)).toEqual(GATES);
  });
});

describe('a rollback', () => {
  const three = stateOf({ live: goodRelease(3), good: [goodRelease(3), goodRelease(2), goodRelease(1)] });
  const rollback = (change: Partial<DeployFacts>) =>
    factsOf({ mode: 'rollback', release: undefined, record: three, ...change });

  test.each<[string, Partial<DeployFacts>, string]>([
    ['previous', {}, 'v2'],
    ['previous, which is held', { record: { ...three, held: [hold(2)] } }, 'v1'],
    ['a digest', { to: digestOf(1) }, 'v1'],
    ['an event', { to: 'old:deploy:v1' }, 'v1'],
    ['a digest that is held, named by a person', { to: digestOf(2), record: { ...three, held: [hold(2)] } }, 'v2'],
    ['what is live, with another deploy in flight', { record: { ...three, in_doubt: doubt(4) } }, 'v3'],
    ['what was last, after a removal', { record: { ...three, live: null } }, 'v3'],
  ])('goes to %s', (_name, change, version) => {
    const plan = planDeploy(rollback(change));
    expect(plan.verdict.kind).toBe('go');
    expect(plan.release).toMatchObject({ version, by: 'dana' });
  });

  test('leaves the one in flight', () => {
    expect(planDeploy(rollback({ record: { ...three, in_doubt: doubt(4) } })).live?.version).toBe('v4');
  });

  test('is exempt from freeze, promotion, ancestry, evidence, needed people and settings', () => {
    const plan = planDeploy(
      rollback({
        record: { ...three, needs_human: { event: 'e', sentence: 's' }, held: [hold(null)] },
        environment: environment({ freeze: [freeze], require: [{ gate: 'scan' }], approval: 'people' }),
        before: waitsFor('missing'),
        ancestry: 'behind',
      }),
    );
    expect(plan.verdict.kind).toBe('go');
    const said = new Map(plan.gates.map((it) => [it.gate, it.sentence]));
    expect(said.get('freeze')).toMatch(/frozen until .* exempt/);
    expect(said.get('hold')).toMatch(/whole stream is held since .* exempt/);
    expect(said.get('human')).toMatch(/A person must decide .* exempt/);
    expect(said.get('settings')).toMatch(/approval: people.* exempt/);
    expect(said.get('promotion')).toMatch(/nothing was ever deployed there.* exempt/);
    expect(said.get('in-doubt')).toBe('Every earlier deploy has its end.');
  });

  test.each<[string, Partial<DeployFacts>, RegExp]>([
    ['no other image', { record: live(3) }, /no other image that settled good/],
    ['a digest that never settled', { to: digestOf(9) }, /digest 0009.* is none of the 3/],
    ['an event that is not known', { to: 'nope' }, /event nope is none/],
  ])('stops for %s', (_name, change, sentence) => {
    expect(verdictOf(planDeploy(rollback(change)))).toMatchObject({
      outcome: 'gate-failed',
      reason: 'nothing-to-roll-back-to',
      sentence: expect.stringMatching(sentence),
    });
  });

  test('to what runs already is unchanged', () => {
    expect(verdictOf(planDeploy(rollback({ to: digestOf(3), shows: shows(3) })))).toMatchObject({
      outcome: 'unchanged',
    });
    expect(planDeploy(rollback({ to: digestOf(3), shows: shows(2) })).verdict.kind).toBe('go');
  });

  test.each([
    ['missing' as const, 'never-deployed'],
    ['unbelievable' as const, 'ledger-unbelievable'],
  ])('without a record (%s) says so', (record, code) => {
    expect(() => planDeploy(rollback({ record }))).toThrow(expect.objectContaining({ code }));
  });
});

describe('warnings', () => {
  test.each<[string, Partial<DeployFacts>, RegExp]>([
    ['no way back', { record: 'missing' }, /no image to go back to/],
    [
      'drift',
      { record: live(1), ancestry: 'ahead', shows: shows(7) },
      /ledger says that 0001.* but the target runs 0007/,
    ],
    ['a target that was not looked at', {}, /production is told by the ledger alone.* not looked at: no credentials/],
    ['a record that cannot be believed', { record: 'unbelievable' }, /cannot be believed/],
  ])('%s', (_name, change, sentence) => {
    expect(planDeploy(factsOf(change)).warnings.join('\n')).toMatch(sentence);
  });
});

test('the plan is described as it is', () => {
  const lines = describePlan(
    planDeploy(
      factsOf({
        record: live(1),
        ancestry: 'ahead',
        overrides: ['freeze'],
        environment: environment({ freeze: [freeze] }),
      }),
    ),
  );
  expect(lines[0]).toBe('deploy checkout in production: v2 from commit cccccccccccc');
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}overridden freeze: production is frozen/));
  expect(lines).toContain('  verdict  go');
  expect(lines.at(-2)).toMatch(/if it is bad: bring v1/);
});

describe('promotion sources', () => {
  const environments = [
    { name: 'dev', after: [] },
    { name: 'staging', after: ['dev'] },
    { name: 'eu', after: ['staging'] },
    { name: 'us', after: ['staging'] },
    { name: 'world', after: ['eu', 'us'] },
  ];
  test.each([
    ['world', ['dev', 'staging', 'eu', 'us', 'world'], ['eu', 'us']],
    ['world', ['dev', 'staging', 'us', 'world'], ['staging', 'us']],
    ['world', ['dev', 'world'], ['dev']],
    ['world', ['world'], []],
    ['dev', ['dev', 'world'], []],
    ['eu', ['dev', 'eu'], ['dev']],
  ])('%s, a service that goes to %p', (environment, goesTo, expected) => {
    expect(promotionSources(environments, new Set(goesTo), environment)).toEqual(expected);
  });
});
