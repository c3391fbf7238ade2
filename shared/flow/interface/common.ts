import { text, word } from '../../io/runner/index.ts';

/** The inputs that every action has. */
export const commonInputs = {
  config: word('Path of `slipway.yml`, from the working directory.', { default: 'slipway.yml' }),
  'working-directory': text('Folder of the checkout; default: the workspace of the job.'),
  'github-token': text(
    'Token for git and for the API. Git authenticates with it too; it never stands in arguments or files.',
    {
      default: '${{ github.token }}',
    },
  ),
};

/** For actions with a `post:` step, which reads no other input. */
export const postInputs = {
  'job-status': text('How the job ends; read by the step that runs after the job. Leave it alone.', {
    default: '${{ job.status }}',
  }),
};

export const REPORT = 'One line of JSON: `{"schema":1,"action":…,"status":…,"reason":…,…}`, at most 64 KiB.';
