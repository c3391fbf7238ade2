import { choice, choices, defineAction, duration, text, word } from '../../io/runner/index.ts';
import { OVERRIDABLE_GATES } from '../../model/index.ts';
import { commonInputs, postInputs, REPORT } from './common.ts';

export const deployAction = defineAction({
  name: 'deploy-to-env',
  title: 'Deploy to environment',
  description:
    'Deploys one image by digest to one environment, checks it, rolls it back by itself when it is bad, and records the deploy.',
  icon: 'upload-cloud',
  color: 'blue',
  post: true,
  inputs: {
    service: word('Name of the service.', { required: true }),
    environment: word('Name of the environment.', { required: true }),
    image: text(
      'Image by digest, `repository@sha256:…`. Default: what the tag `sha-<head>` of its repository points to.',
    ),
    'promote-from': text('Take the image that is live in this environment.'),
    commit: text("Source commit of the deploy; default: the run's."),
    version: text('Version for people; default: of the tag, else commit date and commit.'),
    mode: choice(
      ['deploy', 'rollback', 'plan', 'hold', 'release', 'remove'],
      'What to do. `plan` prints what a deploy would do and writes nothing.',
      {
        default: 'deploy',
      },
    ),
    to: word('For `mode: rollback`: `previous`, a digest, or the id of an event.', { default: 'previous' }),
    reason: text('Why, for the record.'),
    override: choices(OVERRIDABLE_GATES, 'Gates to pass, for once; it is recorded which.'),
    timeout: duration('How long the image may take to become ready and pass its checks. Default: the configuration.'),
    'lock-wait': duration('How long to wait for another deploy of this service and environment.', { default: '10m' }),
    'on-cancel': choice(['revert', 'leave'], 'What the step after a cancelled job does with a half-done deploy.', {
      default: 'revert',
    }),
    ledger: text("A remote's URL, where there is no checkout: a rollback then takes its target from the ledger."),
    ...commonInputs,
    ...postInputs,
  },
  outputs: {
    status:
      'Exit 0: `deployed`, `unchanged`, `superseded`, `held`, `rolled-back`, `planned`, `removed`. Exit 1: `rolled-back-after-failure`, `rollback-failed`, `gate-failed`, `locked`, `fenced`, `failed`, `cancelled`, `unknown`.',
    reason: 'Reason code of the status; empty when there is nothing to explain.',
    image: 'The image that this deploy was about.',
    'previous-image': 'The image that ran before.',
    changed: '`true` when anything was written to the target.',
    url: 'Where the service answers, when the target knows.',
    event: 'The deploy event as JSON, at most 32 KiB.',
    'duration-ms': 'From start to settled, in milliseconds.',
    report: REPORT,
  },
  permissions: [
    { scope: 'contents', access: 'write', reason: 'to push the deploy event to the ledger (refs/slipway/…)' },
    { scope: 'deployments', access: 'write', reason: 'only with the sink `github`', optional: true },
    { scope: 'packages', access: 'read', reason: 'to look up the image at ghcr.io; not needed for other registries' },
  ],
});
