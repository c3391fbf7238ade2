import { clip, type DeployEvent } from '../../model/index.ts';
import { isEnd, repositoryUrl } from './words.ts';

const LONGEST_VALUE = 1_000;

type Values = Readonly<Record<string, string | null | undefined>>;

/** What the telemetry is about: the service that is deployed, not the pipeline that does so. */
export const resourceOf = (event: DeployEvent) => ({
  attributes: keyValues({
    'service.name': event.service,
    'service.version': event.version,
    'deployment.environment.name': event.env.name,
    'vcs.repository.url.full': repositoryUrl(event),
    'vcs.ref.head.revision': event.commit.sha,
    'vcs.ref.head.name': event.commit.ref.replace(/^refs\/(?:heads|tags)\//, ''),
    'vcs.ref.head.type': event.commit.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
  }),
});

export function attributesOf(event: DeployEvent, more: Values) {
  const result = RESULTS[event.status];
  return keyValues({
    'deployment.id': event.id,
    'deployment.name': `${event.service} ${event.version}`,
    'deployment.status': isEnd(event) ? (event.status === 'success' ? 'succeeded' : 'failed') : undefined,
    'cicd.pipeline.name': event.run.workflow_ref ?? event.run.job,
    'cicd.pipeline.run.id': event.run.id,
    'cicd.pipeline.run.url.full': event.run.url,
    'cicd.pipeline.task.name': event.run.job,
    'cicd.pipeline.task.type': 'deploy',
    'cicd.pipeline.task.run.id': `${event.run.id}/${event.run.attempt}/${event.run.job}`,
    'cicd.pipeline.task.run.url.full': event.run.url,
    'cicd.pipeline.task.run.result': result,
    'container.image.name': event.artifact?.name,
    'oci.manifest.digest': event.artifact?.digest,
    'error.type': event.status === 'failure' ? (event.reason ?? event.outcome ?? 'failed') : undefined,
    'slipway.kind': event.kind,
    'slipway.outcome': event.outcome,
    'slipway.actor': event.actor.login,
    'slipway.team': event.team,
    'slipway.previous.version': event.prev?.version,
    ...more,
  });
}

/** Values of `cicd.pipeline.task.run.result`; undefined while it runs. */
const RESULTS: Readonly<Record<DeployEvent['status'], string | undefined>> = {
  in_progress: undefined,
  success: 'success',
  failure: 'failure',
  cancelled: 'cancellation',
  superseded: 'skip',
  unknown: 'error',
};

const keyValues = (values: Values) =>
  Object.entries(values).flatMap(([key, it]) =>
    it === null || it === undefined || it === '' ? [] : [{ key, value: { stringValue: clip(it, LONGEST_VALUE) } }],
  );
