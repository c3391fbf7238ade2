import { formatImage, isRecord, parseJson, type Release, userError } from '../../model/index.ts';
import type { WorkloadKind } from './kinds/kind.ts';
import { noteKey, notePath, type PatchStep, pointerPart } from './names.ts';
import type { Template, Workload } from './objects.ts';

/*
 * The one patch that is the commit point of a deploy: the image by digest, the strategy of the wave, and whose it is, in one
 * write. Decided here from what was read; written by compare-and-set.
 */

interface Wanted {
  readonly release: Release;
  readonly pace: 'steady' | 'one-wave';
  readonly sequence: number;
  /** Name of the container, where it is configured. */
  readonly container: string | undefined;
}

/** A container that gets the image: where it is in the object. */
interface Place {
  readonly path: string;
  readonly name: string;
  readonly image: string;
}

/** Throws `config-invalid` when it is not clear which container is meant, `target-refused` for a paused workload. */
export function releasePatch(kind: WorkloadKind, workload: Workload, wanted: Wanted): readonly PatchStep[] {
  const title = `${kind.name}/${workload.metadata.name}`;
  const stuck = kind.stuck(workload);
  if (stuck !== undefined) {
    throw userError('target-refused', `${title} ${stuck}, so nothing would roll out.`, {
      remedy: 'Resume it (kubectl rollout resume), or set its update strategy to RollingUpdate.',
    });
  }
  const places = placesOf(kind, workload, wanted.release.image.repository, wanted.container);
  const image = formatImage(wanted.release.image);
  return [
    ...places.filter((it) => it.image !== image).map((it) => replace(`${it.path}/image`, image)),
    ...notesOfRelease(workload, wanted, places),
    ...(kind.surges ? strategySteps(workload, wanted.pace) : []),
    ...broughtBack(kind, workload),
  ];
}

/** What runs, by the workload: the image of the container that a release goes into. */
export function imageIn(
  kind: WorkloadKind,
  workload: Workload,
  container: string | undefined,
  repository?: string,
): string | undefined {
  return placesOf(kind, workload, repository, container)[0]?.image;
}

/**
 * The containers that get the image: the one that is named, and every one whose image is of the same repository already
 * (an init container that migrates comes from the same build). Else the only one there is.
 */
function placesOf(
  kind: WorkloadKind,
  workload: Workload,
  repository: string | undefined,
  named: string | undefined,
): readonly Place[] {
  const { metadata } = workload;
  const template = kind.templateOf(workload);
  const all = template === undefined ? [] : allPlaces(kind, template);
  const chosen = all.filter(
    (it) => it.name === named || (repository !== undefined && repositoryOf(it.image) === repository),
  );
  if (named !== undefined && !chosen.some((it) => it.name === named))
    throw noContainer(kind, metadata.name, named, all);
  if (chosen.length > 0) return named === undefined ? chosen : [...chosen].sort((a) => (a.name === named ? -1 : 1));
  const mains = all.filter((it) => !it.path.includes('/initContainers/'));
  const [only] = mains;
  if (only !== undefined && mains.length === 1) return [only];
  throw severalContainers(kind, metadata.name, mains);
}

function allPlaces({ template: keys }: WorkloadKind, { spec }: Template): readonly Place[] {
  const base = `/${keys.map(pointerPart).join('/')}/spec`;
  const list = (field: 'containers' | 'initContainers') =>
    spec[field].map((it, index) => ({ path: `${base}/${field}/${index}`, name: it.name, image: it.image }));
  return [...list('containers'), ...list('initContainers')];
}

/** `host/name` of an image, without tag and digest. */
export const repositoryOf = (image: string): string => image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');

function noContainer(kind: WorkloadKind, name: string, wanted: string, all: readonly Place[]): Error {
  return userError('config-invalid', `${kind.name}/${name} has no container ${wanted}, but ${listed(all)}.`, {
    remedy: 'Correct `deploy.target.container`.',
  });
}

function severalContainers(kind: WorkloadKind, name: string, all: readonly Place[]): Error {
  const has =
    all.length === 0 ? 'no container' : `several containers (${listed(all)}), none of which has this image yet`;
  return userError('config-invalid', `${kind.name}/${name} has ${has}.`, {
    remedy: 'Name it: `deploy.target.container`.',
  });
}

const listed = (all: readonly Place[]): string => all.map(({ name }) => name).join(', ');

function notesOfRelease(
  { metadata }: Workload,
  { release, sequence }: Wanted,
  places: readonly Place[],
): readonly PatchStep[] {
  const notes = [
    note('sequence', String(sequence)),
    note('event', release.event),
    note('version', release.version),
    note('commit', release.commit),
    ...places.slice(0, 1).map((it) => note('container', it.name)),
  ];
  if (metadata.annotations[noteKey('event')] !== undefined) return notes;
  // The first deploy of this program: should it fail, what was there before is what to go back to.
  return [...notes, note('before', JSON.stringify(Object.fromEntries(places.map((it) => [it.name, it.image]))))];
}

/**
 * In one wave: as many new pods as there are old ones start at once, and none waits for another to be gone. What was set
 * before is kept beside it, and comes back when the deploy has settled, or with the next steady one.
 */
function strategySteps({ metadata, spec }: Workload, pace: Wanted['pace']): readonly PatchStep[] {
  const aside = metadata.annotations[noteKey('pace')];
  if (pace === 'steady') return aside === undefined ? [] : restoredPace(aside);
  const { type, rollingUpdate } = spec.strategy ?? {};
  if ((type ?? 'RollingUpdate') !== 'RollingUpdate' || aside !== undefined || isOneWave(rollingUpdate?.maxSurge))
    return [];
  const { maxSurge = '25%', maxUnavailable = '25%' } = rollingUpdate ?? {};
  const wave = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable } };
  return [replace('/spec/strategy', wave), note('pace', JSON.stringify({ maxSurge, maxUnavailable }))];
}

const isOneWave = (maxSurge: string | number | null | undefined): boolean => maxSurge === '100%';

/** The strategy that was set aside, and the note of it gone. */
export function restoredPace(aside: string): readonly PatchStep[] {
  // The API server checks it; what somebody spoiled by hand is refused there.
  const value = { type: 'RollingUpdate', rollingUpdate: parseJson(aside) };
  return [replace('/spec/strategy', value), { op: 'remove', path: notePath('pace') }];
}

/** What was taken down comes back with the next release. */
function broughtBack(kind: WorkloadKind, workload: Workload): readonly PatchStep[] {
  const removed = workload.metadata.annotations[noteKey('removed')];
  if (removed === undefined) return [];
  return [...kind.bringBack(workload, removed), { op: 'remove', path: notePath('removed') }];
}

/** After manifests were applied: what an earlier removal or wave has left on the workload; undefined: nothing. */
export function leftoverSteps(
  kind: WorkloadKind,
  workload: Workload,
  pace: Wanted['pace'],
): readonly PatchStep[] | undefined {
  const aside = workload.metadata.annotations[noteKey('pace')];
  const restored = pace === 'steady' && aside !== undefined ? restoredPace(aside) : [];
  const steps = [...restored, ...broughtBack(kind, workload)];
  return steps.length === 0 ? undefined : steps;
}

/** Back to what was there before the first deploy of this program; undefined: this program made it. */
export function patchBefore(
  kind: WorkloadKind,
  workload: Workload,
  sequence: number,
): readonly PatchStep[] | undefined {
  const text = workload.metadata.annotations[noteKey('before')];
  const template = kind.templateOf(workload);
  if (text === undefined || template === undefined) return undefined;
  const before = parseJson(text);
  if (!isRecord(before)) return undefined;
  const whole = before['template'];
  const places = isRecord(whole) ? [] : allPlaces(kind, template).filter((it) => typeof before[it.name] === 'string');
  const gone = ['event', 'version', 'commit', 'container', 'before'] as const;
  return [
    ...(isRecord(whole) ? [replace(`/${kind.template.map(pointerPart).join('/')}`, whole)] : []),
    ...places.map((it) => replace(`${it.path}/image`, before[it.name])),
    ...gone
      .filter((it) => workload.metadata.annotations[noteKey(it)] !== undefined)
      .map((it): PatchStep => ({ op: 'remove', path: notePath(it) })),
    note('sequence', String(sequence)),
  ];
}

/** Takes it down without deleting it: it was not made by this program. */
export function removalPatch(
  kind: WorkloadKind,
  workload: Workload,
  sequence: number,
): readonly PatchStep[] | undefined {
  if (workload.metadata.annotations[noteKey('removed')] !== undefined) return undefined;
  const { steps, note: before } = kind.takeDown(workload);
  return [note('removed', before), note('sequence', String(sequence)), ...steps];
}

/** `add` of a JSON patch replaces what is there, and makes what is not. */
const replace = (path: string, value: unknown): PatchStep => ({ op: 'add', path, value });

function note(name: Parameters<typeof notePath>[0], value: string): PatchStep {
  return { op: 'add', path: notePath(name), value };
}
