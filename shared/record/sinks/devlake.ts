import * as z from 'zod';
import { clip, type DeployEvent, type EnvironmentClass } from '../../model/index.ts';
import { asJson, below, post } from './http.ts';
import { defineSink, secretField, secretOf, skipped, urlOf } from './sink.ts';
import { isDeployment, isEnd, repositoryUrl, titleOf } from './words.ts';

/** Of the columns of DevLake that hold a title. */
const LONGEST_TITLE = 255;

const fields = z
  .strictObject({
    token: secretField.describe('API key of the webhook.'),
    connection: z.int().positive().describe('Number of the webhook connection: best one for each service.'),
  })
  .meta({
    description:
      'A deployment of Apache DevLake for every deploy that changed something; `url` is the root of its REST API, such as `https://devlake.example/api/rest`.',
    examples: [{ url: 'https://devlake.example/api/rest', token: { env: 'DEVLAKE_KEY' }, connection: 1 }],
  });

/**
 * Apache DevLake, incoming webhook: https://devlake.apache.org/docs/Plugins/webhook. Deployments are written by their id. Result
 * and environment are always said, since left out they would be `SUCCESS` and `PRODUCTION`.
 */
export const devlake = defineSink(fields, ({ token, connection }, settings, deps) => {
  const base = urlOf(settings, deps);
  const url = below(base, 'plugins', 'webhook', 'connections', connection, 'deployments');
  const headers = { authorization: `Bearer ${secretOf(settings, token, deps)}` };
  return async (event, signal) => {
    if (!isDeployment(event) || !isEnd(event)) return skipped('only deploys that have ended are deployments');
    const result = RESULTS[event.status];
    if (!event.changed || result === undefined) return skipped('nothing was changed');
    await post(deps, { url, ...asJson(deploymentOf(event, result), headers) }, signal);
    return { kind: 'sent', id: event.id };
  };
});

const RESULTS: Readonly<Partial<Record<DeployEvent['status'], string>>> = { success: 'SUCCESS', failure: 'FAILURE' };
const ENVIRONMENTS: Readonly<Record<EnvironmentClass, string>> = {
  production: 'PRODUCTION',
  staging: 'STAGING',
  development: 'DEVELOPMENT',
  preview: 'TESTING',
};

function deploymentOf(event: DeployEvent, result: string) {
  const { started, finished } = event.times;
  const times = { startedDate: started, finishedDate: finished ?? started };
  const commit = {
    repoUrl: repositoryUrl(event) ?? event.commit.repo,
    commitSha: event.commit.sha,
    refName: event.commit.ref,
    ...(event.commit.title === null ? {} : { commitMsg: clip(event.commit.title, LONGEST_TITLE) }),
  };
  return {
    id: event.id,
    displayTitle: clip(titleOf(event), LONGEST_TITLE),
    result,
    environment: ENVIRONMENTS[event.env.class],
    originalEnvironment: event.env.name,
    name: event.stream,
    createdDate: started,
    ...times,
    deploymentCommits: [{ ...commit, ...times, displayTitle: event.service, name: event.stream, result }],
  };
}
