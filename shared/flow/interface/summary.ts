import { defineAction, list, text } from '../../io/runner/index.ts';
import { commonInputs, REPORT } from './common.ts';

export const summaryAction = defineAction({
  name: 'summarize-run',
  title: 'Summarize run',
  description:
    'Tells, from the ledger, what this run has brought where; decides whether all of it went well; and lists what waits for an approval. A part of the reusable workflows.',
  icon: 'check-circle',
  color: 'blue',
  post: false,
  inputs: {
    services: list('Names of the services that the run is about.'),
    selected: text('How many there are, where `services` had no room for all; default: as many as `services` names.'),
    environments: list('Environments of the run; default: all.'),
    results: text(
      'How the jobs before ended, as JSON: `{"detect","services":[…],"approval","approved":[…]}`, each a `needs.<job>.result`. With it, the step fails unless detection succeeded and every selected service did.',
    ),
    ...commonInputs,
  },
  outputs: {
    services: 'JSON list of the names of the services.',
    images: 'JSON: service → the image that the run brought, by digest.',
    statuses: 'JSON: service → environment → how its deploy ended.',
    ready:
      'JSON list of matrices of the services that have got to where an approval is needed, with `image`, `commit`, `version` and the `environments` that follow.',
    'ready-count': 'How many of them there are.',
    report: REPORT,
  },
  permissions: [
    { scope: 'contents', access: 'read', reason: 'to check the configuration out, and to read the ledger' },
    {
      scope: 'packages',
      access: 'read',
      reason: 'only where an approval comes before the first deploy of a service: to look up its image at ghcr.io',
      optional: true,
    },
  ],
});
