import {
  type Dependencies,
  type Factor,
  rankSuspects,
  type Suspect,
  type Suspects,
  WINDOW_MS,
} from '../../insight/index.ts';
import { body, cell, externalLink, foreign, h, row, rowHeading, table } from './dom.ts';
import { announcer, digestChip, heading, many, mark, type Page, person, time } from './page.ts';
import { questionForm } from './question-form.ts';
import { formatRoute } from './route.ts';
import { formatTime } from './time.ts';
import { verdictOf } from './verdict.ts';

/** Which deploy broke it: a time and an environment in, a ranking with its reasons out, by the function that actions use. */
export function suspectsView(page: Page, params: Readonly<Record<string, string>>): readonly Node[] {
  const form = questionForm(page, params);
  const results = h('div', { class: 'results' });
  const said = announcer();
  const answer = () => {
    const question = form.read();
    form.refuse(question === undefined);
    if (question === undefined) {
      said.textContent = 'This is no time that can be read.';
      results.replaceChildren();
      return;
    }
    const found = rankSuspects(question, page.board.history, dependenciesOf(page));
    results.replaceChildren(...drawAnswer(page, found));
    said.textContent = `${many(found.ranked.length + found.more, 'suspect')} for ${formatTime(Date.parse(question.at), page.zone, 'seconds')} in ${question.environment}`;
    const { at, environment, service, windowMs } = question;
    const window = windowMs === WINDOW_MS ? '' : String(windowMs);
    page.note({ view: 'suspects', params: { at, environment, service: service ?? '', window } });
  };
  form.element.addEventListener('submit', (event) => {
    event.preventDefault();
    answer();
  });
  answer();
  return [
    heading('Which deploy broke it?'),
    h(
      'p',
      { class: 'lead' },
      'Give the time T at which something was seen. Deploys that may have caused it are ranked by when they ended, how near they are by the graph of services, and what kind of change they were. The score orders; it is no probability.',
    ),
    form.element,
    said,
    results,
  ];
}

const dependenciesOf = ({ board }: Page): Dependencies =>
  new Map(board.services.map(({ name, dependencies }) => [name, dependencies]));

function drawAnswer(page: Page, found: Suspects): readonly (Node | string)[] {
  const suspects = found.ranked.map((it) => suspect(page, it));
  return [
    suspects.length === 0 ? '' : h('ol', { class: 'ranking' }, ...suspects),
    found.more === 0 ? '' : h('p', { class: 'aside' }, `${found.more} more with lower scores are not listed.`),
    ...list('Worth knowing', found.hints),
    ...rollbackOrder(found),
    ...list('Ruled out', found.ruledOut),
  ];
}

function list(title: string, sentences: readonly string[]): readonly Node[] {
  if (sentences.length === 0) return [];
  return [
    h(
      'section',
      { class: 'said' },
      h('h3', {}, title),
      h('ul', { class: 'said-list' }, ...sentences.map((it) => h('li', {}, foreign(it)))),
    ),
  ];
}

function suspect(page: Page, { deploy, score, factors }: Suspect): HTMLElement {
  const rows = body();
  rows.append(...factors.map(factorRow));
  const href = formatRoute({ view: 'history', params: { service: deploy.service, environment: deploy.environment } });
  return h(
    'li',
    { class: 'suspect' },
    h(
      'div',
      { class: 'suspect-head' },
      h('a', { class: 'version', href }, `${deploy.service} `, foreign(deploy.version)),
      deploy.digest !== null && digestChip(deploy.digest),
      mark(verdictOf(deploy)),
      h('span', { class: 'score', title: 'Product of the factors' }, `score ${decimal(score)}`),
    ),
    h(
      'p',
      { class: 'when' },
      time(page, deploy.started, 'seconds'),
      deploy.finished === null
        ? ', no end recorded, by '
        : ` to ${formatTime(Date.parse(deploy.finished), page.zone, 'seconds').slice(11)}, by `,
      person(deploy.by),
      deploy.title === null ? null : ': ',
      deploy.title !== null && foreign(deploy.title, { class: 'quote' }),
      ' ',
      deploy.runUrl !== null && externalLink(deploy.runUrl, 'Run'),
    ),
    table(`Why ${deploy.service} is suspect`, ['Factor', 'Weight', 'What it says'], rows, { class: 'factors' }),
  );
}

function factorRow({ name, value, sentence }: Factor): HTMLElement {
  const weight = h('span', { class: 'number' }, `× ${decimal(value)}`);
  return row(rowHeading(name.replaceAll('-', ' ')), cell('Weight', weight), cell('What it says', foreign(sentence)));
}

/** Small numbers keep two digits that say something. */
const decimal = (value: number): string =>
  value >= 0.1 || value === 0 ? value.toFixed(2) : value >= 0.0001 ? value.toPrecision(2) : 'under 0.0001';

function rollbackOrder({ rollbackOrder: order }: Suspects): readonly Node[] {
  if (order.length < 2) return [];
  const steps = order.map((it) =>
    h(
      'li',
      {},
      `${it.service} `,
      foreign(it.version),
      it.previousVersion !== null && h('span', { class: 'aside' }, ' back to ', foreign(it.previousVersion)),
    ),
  );
  return [
    h(
      'section',
      { class: 'said' },
      h('h3', {}, 'Order to roll back in'),
      h('p', { class: 'aside' }, 'The last to finish first.'),
      h('ol', { class: 'said-list' }, ...steps),
    ),
  ];
}
