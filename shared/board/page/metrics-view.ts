import { span } from '../../insight/index.ts';
import type { BoardMetrics } from '../../model/index.ts';
import { body, cell, h, row, rowHeading, table } from './dom.ts';
import { heading, many, type Page } from './page.ts';

/** The five of DORA, each with the number of facts behind it. */
export function metricsView(page: Page): readonly Node[] {
  const { metrics } = page.board;
  const title = heading('Delivery metrics');
  const days = metrics[0]?.days;
  if (days === undefined) {
    return [title, h('p', { class: 'lead' }, 'No environment of class production has a deploy on record.')];
  }
  const rows = body();
  rows.append(...metrics.map(metricRow));
  return [
    title,
    h(
      'p',
      { class: 'lead' },
      `The five metrics of DORA over the last ${many(days, 'day')}, for each service in each environment of class production. n is how many deploys stand behind a number; a rate of few deploys says little.`,
    ),
    table('Delivery metrics by service', HEADINGS, rows, { class: 'metrics cards' }),
    definitions(),
  ];
}

const HEADINGS = ['Service', 'Environment', 'Deploys', 'Lead time', 'Change fail rate', 'Recovery', 'Rework rate'];

function metricRow(it: BoardMetrics): HTMLElement {
  const { counts } = it;
  return row(
    rowHeading(it.service),
    cell('Environment', it.environment),
    cell('Deploys', value(frequency(it)), n(`${many(it.deploys, 'deploy')}`)),
    cell('Lead time', value(duration(it.leadTimeMs)), n(`n = ${counts.leadTimes}${clamped(it)}`)),
    cell('Change fail rate', value(percent(it.changeFailRate)), n(`${counts.failed} of ${counts.changes}`)),
    cell('Recovery', value(duration(it.recoveryMs)), n(recovery(it))),
    cell('Rework rate', value(percent(it.reworkRate)), n(`${counts.unplanned} of ${counts.all}`)),
  );
}

/** Where there is nothing to count there is no number, and zero would be one. */
const value = (text: string | null): HTMLElement =>
  text === null
    ? h(
        'span',
        { class: 'value' },
        h('span', { 'aria-hidden': 'true' }, '–'),
        h('span', { class: 'unseen' }, 'nothing to count'),
      )
    : h('span', { class: 'value' }, text);
const n = (text: string): HTMLElement => h('span', { class: 'n' }, text);

const duration = (ms: number | null): string | null => (ms === null ? null : span(ms));
const percent = (share: number | null): string | null => (share === null ? null : `${Math.round(share * 100)} %`);

function frequency({ deploysPerDay }: BoardMetrics): string {
  if (deploysPerDay === 0) return 'none';
  const [rate, unit] = deploysPerDay >= 1 ? [deploysPerDay, 'a day'] : [deploysPerDay * 7, 'a week'];
  return `${rate >= 10 ? Math.round(rate) : Number(rate.toFixed(1))} ${unit}`;
}

function recovery({ counts, openForMs }: BoardMetrics): string {
  const recovered = `n = ${counts.recovered}`;
  return openForMs === null ? recovered : `${recovered}, ${counts.open} open for up to ${span(openForMs)}`;
}

const clamped = ({ counts }: BoardMetrics): string =>
  counts.clampedLeadTimes === 0 ? '' : `, ${counts.clampedLeadTimes} with a wrong clock`;

const DEFINITIONS = [
  [
    'Deploys',
    'Deploys that brought another image into production. Rollbacks and redeploys of what ran already are not counted.',
  ],
  [
    'Lead time',
    'Median time from a commit to the end of the deploy that first brought it. Only the newest commit of a deploy is known; first deploys of a service are left out.',
  ],
  [
    'Change fail rate',
    'Share of planned changes that failed in production: rolled back within 7 days, linked to an incident, repaired by another deploy, or failed after they had changed what runs.',
  ],
  [
    'Recovery',
    'Median time from the end of a failed deploy to the end of what repaired it. Failures that are still open count with their age, so that they do not flatter the number; it is missing when most of them are open.',
  ],
  ['Rework rate', 'Share of all deploys that were not planned: rollbacks, hotfixes, repairs.'],
] as const;

function definitions(): HTMLElement {
  const terms = DEFINITIONS.flatMap(([term, text]) => [h('dt', {}, term), h('dd', {}, text)]);
  return h('details', { class: 'definitions' }, h('summary', {}, 'How these are counted'), h('dl', {}, ...terms));
}
