import { count, defineAction, flag, text } from '../../io/runner/index.ts';
import { commonInputs, REPORT } from './common.ts';

export const boardAction = defineAction({
  name: 'publish-deploy-board',
  title: 'Publish deploy board',
  description:
    'Folds the ledger, verifies it, and draws the board: what runs where, since when, by whom, and which deploy broke production.',
  icon: 'grid',
  color: 'blue',
  post: false,
  inputs: {
    output: text('Folder for the site; default: a folder of the runner for temporary files.'),
    push: flag('Push the folded ledger to its branch `slipway-ledger`.', { default: 'true' }),
    days: count('How many days of history the page shows.', { default: '90' }),
    ...commonInputs,
  },
  outputs: {
    site: 'Path of the folder with `index.html`.',
    events: 'Number of events in the ledger.',
    verified: '`true` when the whole ledger was verified without a finding.',
    report: REPORT,
  },
  permissions: [
    {
      scope: 'contents',
      access: 'write',
      reason: 'to push the branch `slipway-ledger`; `read` is enough with `push: false`',
    },
    {
      scope: 'packages',
      access: 'read',
      reason: 'to take back a deploy whose run has died, where its images are at ghcr.io',
      optional: true,
    },
  ],
});
