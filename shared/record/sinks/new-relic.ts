import * as z from 'zod';
import { clip, type DeployEvent, Refused } from '../../model/index.ts';
import { call, type JsonRequest } from './http.ts';
import { defineSink, type SinkDeps, secretField, secretOf, skipped, textField, urlOf } from './sink.ts';
import { endMs, factsOf, fillIn, isDeployment, isEnd, titleOf } from './words.ts';

/** Far below what an attribute of NRDB takes (4,095). */
const LONGEST = { line: 500, text: 2_000 };

const fields = z
  .strictObject({
    token: secretField.describe('User key of an account that may write change events.'),
    account: z.int().positive().describe('Number of the account, in which a deploy is looked up before it is told.'),
    region: z.enum(['us', 'eu']).default('us').describe('Where the account is; `url` overrides it.'),
    entity: textField
      .default("name = '{service}' AND domain = 'APM'")
      .describe('Search that finds the one entity of a service; `{service}`, `{environment}`, `{team}` are filled in.'),
  })
  .meta({
    description: 'A change event on the entity of the service, for every deploy that changed something.',
    examples: [{ token: { env: 'NEW_RELIC_USER_KEY' }, account: 1234567, region: 'eu' }],
  });

const answer = z.object({
  data: z.unknown(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});
const counted = z.object({
  actor: z.object({ account: z.object({ nrql: z.object({ results: z.array(z.object({ count: z.number() })) }) }) }),
});
const created = z.object({
  changeTrackingCreateEvent: z.object({
    changeTrackingEvent: z.object({ changeTrackingId: z.string() }),
    messages: z.array(z.string()).nullish(),
  }),
});

const LOOK = `query ($account: Int!, $nrql: Nrql!) {
  actor { account(id: $account) { nrql(query: $nrql) { results } } }
}`;
const TELL = `mutation ($event: ChangeTrackingEventInput!) {
  changeTrackingCreateEvent(changeTrackingEvent: $event) { changeTrackingEvent { changeTrackingId } messages }
}`;

/**
 * New Relic change tracking, through NerdGraph: https://docs.newrelic.com/docs/change-tracking/config/nerdgraph. An event has
 * no id of its maker's, so the one of ours is its group, by which it is looked for first.
 */
export const newRelic = defineSink(fields, ({ token, account, region, entity }, settings, deps) => {
  const url = urlOf(settings, deps, `https://api.${region === 'eu' ? 'eu.' : ''}newrelic.com/graphql`);
  const request = { url, headers: { 'api-key': secretOf(settings, token, deps) } };
  const ask = graphql(request, deps);
  return async (event, signal) => {
    if (!isDeployment(event) || !isEnd(event)) return skipped('only deploys that have ended are told');
    if (!event.changed) return skipped('nothing was changed');
    const nrql = `SELECT count(*) FROM ChangeTrackingEvent WHERE groupId = '${groupOf(event)}' SINCE 30 days ago`;
    const { actor } = await ask(LOOK, { account, nrql }, counted, signal);
    if ((actor.account.nrql.results[0]?.count ?? 0) > 0) return skipped('it is there already');
    const variables = { event: changeOf(event, entity) };
    const { changeTrackingCreateEvent: it } = await ask(TELL, variables, created, signal);
    return { kind: 'sent', id: `change ${it.changeTrackingEvent.changeTrackingId}` };
  };
});

/** NerdGraph answers with 200 also when something is wrong. */
const graphql =
  (request: JsonRequest, deps: SinkDeps) =>
  async <T>(query: string, variables: object, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> => {
    const { data, errors = [] } = await call(deps, { ...request, json: { query, variables } }, answer, signal);
    const [error] = errors;
    if (error !== undefined) throw new Refused(`New Relic refused it: ${clip(error.message, LONGEST.line)}`);
    const read = schema.safeParse(data);
    if (!read.success) throw new Error('New Relic answered without what was asked for');
    return read.data;
  };

/** Letters and digits alone: it stands in a query. An attempt that ends otherwise is told too. */
const groupOf = (event: DeployEvent): string => `slipway-${event.id}-${event.status}`;

const TYPES: Readonly<Record<DeployEvent['strategy']['type'], string>> = {
  rolling: 'ROLLING',
  canary: 'CANARY',
  'blue-green': 'BLUE_GREEN',
};

function changeOf(event: DeployEvent, entity: string) {
  const deployment = {
    version: clip(event.version, LONGEST.line),
    commit: event.commit.sha,
    ...(event.run.url === null ? {} : { deepLink: event.run.url }),
  };
  return {
    categoryAndTypeData: {
      kind: { category: 'DEPLOYMENT', type: TYPES[event.strategy.type] },
      categoryFields: { deployment },
    },
    entitySearch: { query: fillIn(entity, event) },
    groupId: groupOf(event),
    user: event.actor.login,
    shortDescription: clip(titleOf(event), LONGEST.line),
    description: clip(
      factsOf(event)
        .map(([label, value]) => `${label}: ${value}`)
        .join('\n'),
      LONGEST.text,
    ),
    timestamp: endMs(event),
  };
}
