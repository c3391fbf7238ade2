import type { DeployEvent, Digest, StreamState } from '../../../shared/model/index.ts';
import { applyEvent } from '../../../shared/record/index.ts';
import type { Fate } from './ledgers.ts';

export const REPOSITORY = 'acme/shop';
const [LIVE, HELD] = ['1', '2'];

/** The two files of the newest commit of a stream. */
export function recordOf(stream: string, fate: Fate, commit: string): Readonly<Record<string, string>> {
  const [environment = '', service = ''] = stream.split('/');
  const told = (parts: Partial<DeployEvent>) => eventOf(environment, service, commit, parts);
  const events = eventsOf(fate, told);
  const state = events.reduce<StreamState | undefined>((so, event) => applyEvent(so, event), undefined);
  const event = events.at(-1);
  const files = { 'event.json': JSON.stringify(event), 'state.json': JSON.stringify(state) };
  return fate.kind === 'forged' ? forge(files, fate.how) : files;
}

type Tell = (parts: Partial<DeployEvent>) => DeployEvent;

function eventsOf(fate: Fate, tell: Tell): readonly DeployEvent[] {
  const deployed = tell({});
  switch (fate.kind) {
    case 'live':
      return fate.held ? [deployed, tell({ seq: 2, kind: 'hold', artifact: artifact(HELD), id: idOf(2) })] : [deployed];
    case 'forged':
      return [deployed];
    case 'in-doubt':
      return [
        deployed,
        tell({ seq: 2, phase: 'start', status: 'in_progress', outcome: null, id: idOf(2), artifact: artifact(HELD) }),
      ];
    case 'on-hold':
      return [deployed, tell({ seq: 2, kind: 'hold', artifact: null, id: idOf(2) })];
    case 'removed':
      return [deployed, tell({ seq: 2, kind: 'remove', outcome: 'removed', id: idOf(2) })];
  }
}

function forge(files: Readonly<Record<string, string>>, how: string): Readonly<Record<string, string>> {
  const { 'event.json': event = '', 'state.json': state = '' } = files;
  switch (how) {
    case 'state':
      return { ...files, 'state.json': state.replaceAll('"version":"1"', '"version":"2"') };
    case 'event':
      return { ...files, 'event.json': event.replaceAll('acme/shop"', 'evil/shop"') };
    case 'other stream':
      return { 'event.json': event.replaceAll('"stream":"', '"stream":"x'), 'state.json': state };
    default:
      return { 'event.json': 'nonsense' };
  }
}

const idOf = (letter: string | number): string => String(letter).repeat(32).slice(0, 32);
const digestOf = (letter: string | undefined): Digest => `sha256:${(letter ?? '0').repeat(64)}`;
const artifact = (letter: string | undefined): DeployEvent['artifact'] => ({
  name: 'registry.example/shop/x',
  digest: digestOf(letter),
  purl: 'pkg:oci/x',
});

function eventOf(environment: string, service: string, sha: string, parts: Partial<DeployEvent>): DeployEvent {
  return {
    v: 1,
    id: idOf(1),
    stream: `${environment}/${service}`,
    seq: 1,
    phase: 'both',
    kind: 'deploy',
    status: 'success',
    outcome: 'deployed',
    reason: null,
    message: null,
    service,
    team: null,
    env: { name: environment, class: 'production', url: null },
    artifact: artifact(LIVE),
    version: '1',
    commit: { sha, repo: REPOSITORY, ref: 'refs/heads/main', title: null, date: null },
    prev: null,
    actor: { login: 'dana', type: 'user' },
    strategy: { type: 'rolling' },
    times: { started: '2026-01-01T00:00:00Z', finished: parts.phase === 'start' ? null : '2026-01-01T00:01:00Z' },
    run: { id: '1', attempt: 1, job: 'deploy', url: null, workflow_ref: null },
    changed: true,
    verify: { result: 'none', checks: [] },
    evidence: null,
    gates: { overridden: [] },
    links: { rolls_back: null, remediates: null, incident: null, supersedes: null },
    target: { kind: 'local', directory: '/srv/x', port: undefined },
    lease: null,
    hold: 'digest',
    annotations: {},
    ...parts,
  };
}
