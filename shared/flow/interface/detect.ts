import { choice, choices, count, defineAction, list, text, word } from '../../io/runner/index.ts';
import { commonInputs, REPORT } from './common.ts';

export const detectAction = defineAction({
  name: 'detect-changed-services',
  title: 'Detect changed services',
  description:
    'Finds the services whose inputs differ from what their environments run, with the reason for each, as a job matrix.',
  icon: 'search',
  color: 'blue',
  post: false,
  inputs: {
    services: text(
      'Services as YAML or JSON instead of files: a map `name: [patterns]` or `name: {service file fields}`, or a list of such with `name`. Then a missing config file is no error, and no graph is imported.',
    ),
    environments: list('Environments whose records count; default: all.'),
    base: word('What to compare with: `auto`, a ref, or `deployed:<environment>`.', { default: 'auto' }),
    head: text("The commit to look at; default: the event's."),
    select: word(
      '`changed`, `all`, a list of service names, or `stale`: services whose image is of an ended epoch of their `image.cache-epoch`.',
      { default: 'changed' },
    ),
    'on-unknown-base': choice(['all', 'fail'], 'What to do when no base can be found: select everything, or fail.', {
      default: 'all',
    }),
    'refuse-classes': choices(
      ['production', 'staging', 'development', 'preview'],
      'Classes of environments that end the step with an error when one of `environments` has it, such as `production`.',
    ),
    runner: text('Runner of services that name none: a label, or a JSON list of labels. Default: `ubuntu-latest`.'),
    'max-stages': count(
      'For a workflow that tests, builds and deploys: as many environments in a row as it has jobs for, before an approval and after it. More of them, or more than one approval, end the step with an error. Rows of the matrix then have `test` and `timeout` (minutes), `builder` where it is `none`, and `environments` of a service that goes only to some.',
    ),
    ...commonInputs,
  },
  outputs: {
    any: '`true` when at least one service is selected.',
    count: 'Number of selected services.',
    services:
      'JSON list of the names of the selected services, sorted. All outputs together have at most 256 KiB: beyond, this and the matrices hold the first that have room, and an error annotation says so.',
    matrix:
      '`{"include":[{"service","path","repository","team","runner",…}]}` for `strategy.matrix`, at most 256 rows; beyond, the first chunk, with an error annotation.',
    'matrix-chunks': 'JSON list of such matrices, 256 rows each.',
    stages:
      'JSON `{"ships","environments","approval"}`: whether what this run builds is meant to run (it is about the default branch or a tag, and no pull request or merge group), the environments that it goes through before anybody is asked, in promotion order, and the GitHub environment whose reviewers approve once for all services of the run, empty when there is none.',
    removed: 'JSON list of the services that are no more, as far as there is room.',
    base: 'The commit compared with, when it is one for all; empty when services have bases of their own.',
    head: 'The commit that was looked at.',
    'reasons-file': 'Path of a JSON file: per service why, which base, which rung.',
    report: REPORT,
  },
  permissions: [
    { scope: 'contents', access: 'read', reason: 'to read the ledger, and commits that a shallow checkout lacks' },
    {
      scope: 'pull-requests',
      access: 'read',
      reason: 'only in a job without actions/checkout, to read through the API what a pull request changes',
      optional: true,
    },
  ],
});
