import { choice, defineAction, list, text } from '../../io/runner/index.ts';
import { commonInputs, postInputs, REPORT } from './common.ts';

export const recordAction = defineAction({
  name: 'record-deploy-event',
  title: 'Record deploy event',
  description:
    'Records a deploy made by another tool in the ledger and sends it to the sinks; or sends an event of deploy-to-env to sinks that need other secrets.',
  icon: 'book-open',
  color: 'blue',
  post: true,
  inputs: {
    event: text('An event of deploy-to-env (its output `event`): only sent to the sinks, it is in the ledger already.'),
    service: text('Name of the service. Required without `event`.'),
    environment: text('Name of the environment. Required without `event`.'),
    image: text('Image by digest, `repository@sha256:…`.'),
    version: text('Version for people; default: of the tag, else commit date and commit.'),
    commit: text("Source commit; default: the run's."),
    status: choice(['success', 'failure', 'cancelled'], 'How the deploy ended; default: how the job stands.'),
    kind: choice(
      ['deploy', 'rollback', 'hotfix', 'config', 'flag', 'remove'],
      'What it was; default: found out from what ran before.',
    ),
    'started-at': text('When it began, ISO 8601; default: now.'),
    'finished-at': text('When it ended, ISO 8601; default: now.'),
    phase: choice(
      ['start', 'finish', 'both'],
      '`start` opens the event, and the step after the job closes it; `finish` closes it at once; `both` records it whole.',
      {
        default: 'both',
      },
    ),
    sinks: list('Names of the sinks to send to; default: all.'),
    remediates: text('Id of the event whose damage this one repairs.'),
    incident: text('Id or URL of the incident.'),
    ...commonInputs,
    ...postInputs,
  },
  outputs: {
    'event-id': 'Id of the event.',
    'deployment-id': 'Id of the GitHub deployment, when the sink `github` made one.',
    'ledger-ref': 'The ref of the stream.',
    sinks: 'JSON: name of the sink → `ok`, or `failed: …` and why.',
    report: REPORT,
  },
  permissions: [
    { scope: 'contents', access: 'write', reason: 'to push the deploy event to the ledger (refs/slipway/…)' },
    { scope: 'deployments', access: 'write', reason: 'only with the sink `github`', optional: true },
  ],
});
