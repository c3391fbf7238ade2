import * as z from 'zod';
import {
  clip,
  type DeployEvent,
  type Deployment,
  type DeploymentState,
  type Deployments,
  isRecord,
  parseJson,
  Refused,
} from '../../model/index.ts';
import { streamRef } from '../refs.ts';
import { defineSink, type Sent, type SinkDeps, sinkInvalid, skipped } from './sink.ts';

/** The longest description of a deployment status that GitHub takes. */
const DESCRIPTION = 140;
const fields = z
  .strictObject({
    deployments: z
      .enum(['own', 'native'])
      .default('own')
      .describe("`native`: the job's `environment:` makes GitHub's own record, so that this sink makes none."),
  })
  .meta({
    description:
      'GitHub Deployments: one environment `<environment>/<service>` for each service; needs `deployments: write`.',
    examples: [{}],
  });

/**
 * GitHub Deployments: one environment for each service, `<environment>/<service>`, so that services do not turn each
 * other inactive. A deployment is found again by the event id in its payload: a re-run makes no second one.
 * At most five calls an event. https://docs.github.com/rest/deployments
 */
export const github = defineSink(fields, ({ deployments }, settings, deps) => {
  if (settings.url !== undefined) throw sinkInvalid(settings, 'takes no `url`: it writes to the server of its run');
  if (deployments === 'native') return () => Promise.resolve(skipped('GitHub makes the record itself'));
  return async (event, signal) => {
    const state = stateOf(event);
    if (state === undefined) return skipped('nothing was deployed');
    const api = bind(await deps.deployments(), signal);
    const known = await api.list(environmentOf(event));
    return event.outcome === 'removed' ? remove(api, event, known) : record(api, deps, event, { state, known });
  };
});

/** The port with the signal of this one event. */
type Api = ReturnType<typeof bind>;

function bind(port: Deployments, signal: AbortSignal) {
  return {
    list: (environment: string) => port.list(environment, signal),
    create: (it: Parameters<Deployments['create']>[0]) => port.create(it, signal),
    newestState: (id: number) => port.newestState(id, signal),
    addStatus: (id: number, event: DeployEvent, state: DeploymentState, description: string) =>
      port.addStatus(
        id,
        {
          state,
          description: clip(description, DESCRIPTION),
          logUrl: event.run.url ?? undefined,
          environmentUrl: event.env.url ?? undefined,
        },
        signal,
      ),
  };
}

/** What GitHub calls the status of an event; undefined: no deployment of its own. */
function stateOf(event: DeployEvent): DeploymentState | undefined {
  if (event.kind === 'remove') return event.outcome === 'removed' ? 'inactive' : undefined;
  const moves = ['deploy', 'rollback', 'hotfix'].includes(event.kind);
  if (!moves || event.outcome === 'unchanged') return undefined;
  switch (event.status) {
    case 'in_progress':
    case 'success':
    case 'failure':
      return event.status;
    case 'superseded':
      return event.phase === 'both' ? undefined : 'inactive';
    default:
      return 'error';
  }
}

async function record(
  api: Api,
  deps: SinkDeps,
  event: DeployEvent,
  { state, known }: { readonly state: DeploymentState; readonly known: readonly Deployment[] },
): Promise<Sent> {
  const found = known.find((it) => eventIdOf(it) === event.id);
  const deployment = found ?? (await create(api, deps, event));
  const newest = found === undefined ? undefined : await api.newestState(found.id);
  // Inactive, and not the newest: a later deploy took its place, and an old end must not bring it back.
  const replaced = newest === 'inactive' && known[0]?.id !== deployment.id;
  if (newest !== state && !replaced) await api.addStatus(deployment.id, event, state, descriptionOf(event));
  // Only now, so that there is no moment without an active one.
  if (state === 'success' && !replaced) await inactivate(api, event, known, `Replaced by ${event.version}`);
  return { kind: 'sent', id: String(deployment.id) };
}

async function create(api: Api, deps: SinkDeps, event: DeployEvent): Promise<Deployment> {
  const made = await api.create({
    ref: event.commit.sha,
    task: event.kind === 'rollback' ? 'rollback' : 'deploy',
    environment: environmentOf(event),
    production: event.env.class === 'production',
    transient: event.env.class === 'preview',
    description: clip(`${event.service} ${event.version} to ${event.env.name}`, DESCRIPTION),
    payload: payloadOf(event, deps),
  });
  if (made.sha === event.commit.sha) return made;
  const sentence = `GitHub made a deployment of ${made.sha}, where ${event.commit.sha} was asked for`;
  await api.addStatus(made.id, event, 'error', sentence);
  throw new Refused(sentence);
}

async function remove(api: Api, event: DeployEvent, known: readonly Deployment[]): Promise<Sent> {
  const id = await inactivate(api, event, known, `Removed from ${event.env.name}`);
  return id === undefined ? skipped('there was no deployment to end') : { kind: 'sent', id: String(id) };
}

/** Ends exactly the predecessor: `auto_inactive` would leave out production, and take in what is not ours. */
async function inactivate(
  api: Api,
  event: DeployEvent,
  known: readonly Deployment[],
  description: string,
): Promise<number | undefined> {
  const before = event.prev === null ? undefined : known.find((it) => eventIdOf(it) === event.prev?.event_id);
  if (before === undefined || event.prev?.event_id === event.id) return undefined;
  if ((await api.newestState(before.id)) !== 'inactive') await api.addStatus(before.id, event, 'inactive', description);
  return before.id;
}

/** Small: the details are in the ledger. */
function payloadOf(event: DeployEvent, deps: SinkDeps): Readonly<Record<string, unknown>> {
  const { prev } = event;
  return {
    v: 1,
    event_id: event.id,
    service: event.service,
    version: event.version,
    digest: event.artifact?.digest ?? null,
    kind: event.kind,
    prev: prev === null ? null : { event_id: prev.event_id, version: prev.version, commit: prev.commit },
    run: `${event.run.id}/${event.run.attempt}`,
    ledger: streamRef(deps.streamOf(event)),
  };
}

/** Payloads come back as they were sent, or as a text of JSON where something on the way encoded them once more. */
function eventIdOf(deployment: Deployment): string | undefined {
  const { payload } = deployment;
  const data = typeof payload === 'string' ? parseJson(payload) : payload;
  return isRecord(data) && typeof data['event_id'] === 'string' ? data['event_id'] : undefined;
}

const environmentOf = (event: DeployEvent): string => `${event.env.name}/${event.service}`;

const descriptionOf = (event: DeployEvent): string => {
  const what = `${event.version} ${event.outcome ?? 'in progress'}`;
  return event.message === null ? what : `${what}: ${event.message}`;
};
