import * as z from 'zod';
import type { DeployEvent } from '../../model/index.ts';
import { asJson, below, call, post } from './http.ts';
import { defineSink, secretField, secretOf, skipped, textField, urlOf } from './sink.ts';
import { fillIn, isDeployment, isEnd } from './words.ts';

const MOST_PROJECTS = 100;
/** Name of a deploy, as Sentry's column takes it. */
const LONGEST_NAME = 64;

const fields = z
  .strictObject({
    token: secretField.describe('Token of an organization, or of an internal integration with `project:releases`.'),
    organization: textField.describe('Slug of the organization.'),
    projects: z
      .array(textField)
      .min(1)
      .max(MOST_PROJECTS)
      .default(['{service}'])
      .describe('Slugs of the projects; `{service}`, `{environment}`, `{team}` are filled in.'),
    release: textField
      .default('{service}@{version}')
      .describe(
        'Name of the release, which has to be the `release` of the SDK; the same is filled in, and `{version}`.',
      ),
    commits: z
      .boolean()
      .default(false)
      .describe('Tell the commits since the version before; the repository has to be known to Sentry.'),
  })
  .meta({
    description: 'A release for each version, and a deploy of it for each environment that it went to.',
    examples: [{ token: { env: 'SENTRY_AUTH_TOKEN' }, organization: 'acme', projects: ['shop-{service}'] }],
  });

type Fields = z.output<typeof fields>;

const release = z.object({ version: z.string() });
const deploys = z.array(z.object({ id: z.union([z.string(), z.number()]), name: z.string().nullish() }));

/**
 * Sentry releases and deploys: https://docs.sentry.io/api/releases/create-a-new-release-for-an-organization/ (a release that
 * is there is brought up to date), https://docs.sentry.io/api/releases/create-a-deploy/. The name of a deploy is the event
 * id, by which it is looked for first.
 */
export const sentry = defineSink(fields, (own, settings, deps) => {
  const base = below(urlOf(settings, deps, 'https://sentry.io'), 'api', '0', 'organizations', own.organization);
  const headers = { authorization: `Bearer ${secretOf(settings, own.token, deps)}` };
  return async (event, signal) => {
    if (!isDeployment(event) || !isEnd(event) || event.status !== 'success') {
      return skipped('only deploys that went well are deploys of a release');
    }
    // Sentry's addresses end with a slash: without it they are redirected, and a POST is lost.
    const releases = `${base}/releases/`;
    const json = releaseOf(event, own);
    const { version } = await call(deps, { url: releases, headers, json }, release, signal);
    const url = `${below(`${base}/releases`, version)}/deploys/`;
    const known = await call(deps, { method: 'GET', url, headers }, deploys, signal);
    if (known.some((it) => it.name === nameOf(event))) return skipped('it is there already');
    await post(deps, { url, ...asJson(deployOf(event, own), headers) }, signal);
    return { kind: 'sent', id: version };
  };
});

const nameOf = (event: DeployEvent): string => `slipway ${event.id}`.slice(0, LONGEST_NAME);

const releaseOf = (event: DeployEvent, own: Fields) => ({
  version: fillIn(own.release, event),
  projects: own.projects.map((it) => fillIn(it, event)),
  // Once it runs where users are: the environments before are no release.
  ...(event.env.class === 'production' ? { dateReleased: event.times.finished } : {}),
  ...(event.run.url === null ? {} : { url: event.run.url }),
  ...(own.commits ? { refs: [refOf(event)] } : {}),
});

/** The commit before comes from the ledger: no history has to be fetched for it. */
const refOf = ({ commit, prev }: DeployEvent) => ({
  repository: commit.repo,
  commit: commit.sha,
  ...(prev === null ? {} : { previousCommit: prev.commit }),
});

const deployOf = (event: DeployEvent, own: Fields) => ({
  environment: event.env.name,
  name: nameOf(event),
  projects: own.projects.map((it) => fillIn(it, event)),
  dateStarted: event.times.started,
  dateFinished: event.times.finished,
  ...(event.run.url === null ? {} : { url: event.run.url }),
});
