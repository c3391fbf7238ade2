import { span } from '../../insight/index.ts';
import { type BoardEvent, short } from '../../model/index.ts';
import { onRequest } from './chunks.ts';
import { body, cell, externalLink, field, foreign, h, row, select, table } from './dom.ts';
import { filterHistory, type HistoryFilter, statusesOf } from './filter.ts';
import { announcer, digestChip, heading, many, mark, type Page, person, time } from './page.ts';
import { formatRoute } from './route.ts';
import { verdictOf } from './verdict.ts';

const CHUNK = 100;

/** What happened: every deploy in one row, newest first. */
export function historyView(page: Page, params: Readonly<Record<string, string>>): readonly Node[] {
  const { board } = page;
  const rows = body();
  const more = h('div', { class: 'more' });
  const count = announcer();
  const chunks = onRequest(rows, more, CHUNK, (shown, all) => {
    count.textContent = all === 0 ? 'No deploy matches.' : `${many(all, 'deploy')}, ${shown} shown, newest first`;
  });
  const names = [...new Set(board.history.map((it) => it.service))].sort();
  const service = select('history-service', options('all services', names, params['service']), params['service'] ?? '');
  const environments = board.environments.map((it) => it.name);
  const environment = select(
    'history-environment',
    options('all environments', environments, params['environment']),
    params['environment'] ?? '',
  );
  const statuses = statusesOf(board.history);
  const status = select('history-status', options('any status', statuses, params['status']), params['status'] ?? '');
  const text = h('input', { id: 'history-text', type: 'search', value: params['text'] ?? '', autocomplete: 'off' });
  const draw = () => {
    const filter: HistoryFilter = {
      service: service.value,
      environment: environment.value,
      status: status.value,
      text: text.value,
    };
    chunks.show(filterHistory(board.history, filter), (event) => eventRow(page, event));
    page.note({ view: 'history', params: { ...filter } });
  };
  for (const it of [service, environment, status]) it.addEventListener('change', draw);
  text.addEventListener('input', draw);
  draw();
  return [
    heading('History'),
    h(
      'div',
      { class: 'filters' },
      field('Service', service),
      field('Environment', environment),
      field('Status', status),
      field('Version, commit, text', text),
    ),
    count,
    table('Deploys, newest first', HEADINGS, rows, { class: 'history cards' }),
    more,
  ];
}

const HEADINGS = ['Started', 'Service', 'Environment', 'Status', 'Version', 'Took', 'By', 'What and why'];

/** What the address asks for is offered too, even when nothing of it is in the history. */
function options(
  any: string,
  names: readonly string[],
  asked: string | undefined,
): readonly (readonly [string, string])[] {
  const all = asked === undefined || asked === '' || names.includes(asked) ? names : [...names, asked];
  return [['', any], ...all.map((name): [string, string] => [name, name])];
}

function eventRow(page: Page, event: BoardEvent): HTMLElement {
  return row(
    cell('Started', time(page, event.started)),
    cell('Service', event.service),
    cell('Environment', event.environment),
    cell('Status', ...statusOf(event)),
    cell('Version', versions(event)),
    cell('Took', h('span', { class: 'number' }, duration(event))),
    cell('By', person(event.by)),
    cell('What and why', ...details(event)),
  );
}

function statusOf(event: BoardEvent): readonly Node[] {
  const marks = [mark(verdictOf(event))];
  if (event.rolledBackBy !== null) marks.push(mark({ word: 'later rolled back', tone: 'warn', sign: 'back' }));
  else if (event.rollback && verdictOf(event).word !== 'rolled back') {
    marks.push(mark({ word: 'goes back', tone: 'warn', sign: 'back' }));
  }
  return marks;
}

function versions(event: BoardEvent): HTMLElement {
  const previous = event.previousVersion;
  return h(
    'div',
    {},
    h(
      'div',
      { class: 'runs' },
      foreign(event.version, { class: 'version' }),
      event.digest !== null && digestChip(event.digest),
    ),
    previous !== null && previous !== event.version && h('div', { class: 'was' }, 'was ', foreign(previous)),
  );
}

function duration(event: BoardEvent): string {
  if (event.finished === null) return 'no end';
  return span(Date.parse(event.finished) - Date.parse(event.started));
}

function details(event: BoardEvent): readonly Node[] {
  const { title, message, overridden } = event;
  const passed = overridden.length === 0 ? [] : [aside(`Gates passed by hand: ${overridden.join(', ')}.`)];
  return [
    ...(title === null ? [] : [h('div', { class: 'title' }, foreign(title))]),
    ...(message === null ? [] : [h('div', { class: 'message' }, foreign(message))]),
    ...passed,
    ...evidence(event),
    links(event),
  ];
}

const aside = (text: string): HTMLElement => h('div', { class: 'aside' }, text);

function links(event: BoardEvent): HTMLElement {
  const params = { at: event.finished ?? event.started, environment: event.environment };
  const title = 'Which deploys may have caused what was seen when this one ended';
  return h(
    'div',
    { class: 'links' },
    h('code', { title: event.commit }, short(event.commit)),
    event.attempt > 1 && h('span', { class: 'aside' }, `attempt ${event.attempt}`),
    event.runUrl !== null && externalLink(event.runUrl, 'Run'),
    h('a', { href: formatRoute({ view: 'suspects', params }), title }, 'Suspects'),
  );
}

function evidence(event: BoardEvent): readonly Node[] {
  if (event.evidence === null) return [];
  const { summary, log } = event.evidence;
  return [
    h(
      'details',
      { class: 'evidence' },
      h('summary', {}, 'Evidence: ', foreign(summary)),
      log.length > 0
        ? h('pre', { tabindex: 0, 'aria-label': 'Last lines of the log' }, log.join('\n'))
        : h('p', { class: 'aside' }, 'No log was kept.'),
    ),
  ];
}
