import type { BoardCell, BoardService } from '../../model/index.ts';
import { type Notice, noticesOf } from './attention.ts';
import { byFrames } from './chunks.ts';
import { body, cell, field, foreign, h, row, rowHeading, select, table } from './dom.ts';
import { filterServices, type ServiceFilter } from './filter.ts';
import { age, announcer, digestChip, heading, many, mark, type Page, person } from './page.ts';
import { formatRoute } from './route.ts';
import { cellOf, verdictOfCell } from './verdict.ts';

const CHUNK = 60;
/** Notices that are shown at once; the rest unfold. */
const NOTICES = 6;

/** What runs where: what needs attention first, then the table of services and environments. */
export function servicesView(page: Page, params: Readonly<Record<string, string>>): readonly Node[] {
  const count = announcer();
  const rows = body();
  const chunks = byFrames(rows, CHUNK);
  const text = h('input', { id: 'services-text', type: 'search', value: params['text'] ?? '', autocomplete: 'off' });
  const show = select('services-show', SHOW, params['show'] ?? 'all');
  const draw = () => {
    const filter: ServiceFilter = { text: text.value, show: showOf(show.value) };
    const found = filterServices(page.board, filter);
    chunks.show(found, (service) => serviceRow(page, service));
    count.textContent = summary(found.length, page);
    page.note({ view: 'services', params: { text: text.value, show: show.value === 'all' ? '' : show.value } });
  };
  text.addEventListener('input', draw);
  show.addEventListener('change', draw);
  draw();
  const headings = ['Service', ...page.board.environments.map((it) => environmentHeading(it.name, it.class))];
  return [
    heading('What runs where'),
    ...attention(page),
    h('div', { class: 'filters' }, field('Service or team', text), field('Show', show)),
    count,
    table('Services by environment, in the order of promotion', headings, rows, { class: 'services cards' }),
  ];
}

const SHOW = [
  ['all', 'all services'],
  ['differing', 'environments differ'],
  ['attention', 'needs attention'],
] as const;

const showOf = (value: string): ServiceFilter['show'] => SHOW.find(([it]) => it === value)?.[0] ?? 'all';

function summary(found: number, { board }: Page): string {
  const all = board.services.length;
  const services = found === all ? many(all, 'service') : `${found} of ${many(all, 'service')}`;
  return `${services} in ${many(board.environments.length, 'environment')}`;
}

function environmentHeading(name: string, kind: string): Node {
  return h('span', {}, name, name === kind ? null : h('span', { class: 'class' }, kind));
}

function serviceRow(page: Page, service: BoardService): HTMLElement {
  const title = h(
    'a',
    { class: 'name-link', href: formatRoute({ view: 'history', params: { service: service.name } }) },
    service.name,
  );
  return row(
    rowHeading(title, service.team !== null && foreign(service.team, { class: 'team' })),
    ...page.board.environments.map(({ name }) => {
      const it = cellOf(service, name);
      return it === undefined
        ? cell(name, h('span', { class: 'never' }, 'never deployed'))
        : cell(name, chip(page, service.name, name, it));
    }),
  );
}

function chip(page: Page, service: string, environment: string, it: BoardCell): HTMLElement {
  const href = formatRoute({ view: 'history', params: { service, environment } });
  return h(
    'div',
    { class: `chip ${it.state}` },
    h('div', { class: 'runs' }, h('a', { class: 'version', href }, foreign(it.version)), digestChip(it.digest)),
    h(
      'div',
      { class: 'facts' },
      mark(verdictOfCell(it)),
      it.rolledBack && mark({ word: 'rolled back', tone: 'warn', sign: 'back' }),
      it.held.length > 0 && mark({ word: heldWord(it), tone: 'warn', sign: 'hold' }),
      h('span', {}, age(page, it.since)),
      it.by !== '' && person(it.by),
    ),
    it.inDoubt !== null && pending(page, it.inDoubt),
  );
}

/** A deploy without an end stands beside what ran before it. */
function pending(page: Page, { version, started }: NonNullable<BoardCell['inDoubt']>): HTMLElement {
  return h('div', { class: 'facts' }, h('span', {}, 'deploy of ', foreign(version), ' started ', age(page, started)));
}

const heldWord = (it: BoardCell): string =>
  it.held.some((hold) => hold.digest === null) ? 'all held' : `${it.held.length} held`;

function attention(page: Page): readonly Node[] {
  const notices = noticesOf(page.board);
  if (notices.length === 0) return [];
  const items = notices.map((it) => notice(page, it));
  const rest = items.slice(NOTICES);
  return [
    h(
      'section',
      { class: 'attention', 'aria-label': 'Needs attention' },
      h('h3', {}, 'Needs attention'),
      h('ul', { class: 'notices' }, ...items.slice(0, NOTICES)),
      rest.length > 0 &&
        h('details', {}, h('summary', {}, `${rest.length} more`), h('ul', { class: 'notices' }, ...rest)),
    ),
  ];
}

function notice(page: Page, it: Notice): HTMLElement {
  const { service, environment } = it;
  return h(
    'li',
    { class: 'notice' },
    mark(it.verdict),
    h(
      'span',
      {},
      h(
        'a',
        { href: formatRoute({ view: 'history', params: { service, environment } }) },
        `${service} in ${environment}`,
      ),
      `: ${it.sentence} `,
      it.reason !== null && foreign(it.reason, { class: 'quote' }),
      h(
        'span',
        { class: 'aside' },
        ' ',
        age(page, it.since),
        it.by === null ? null : ', by ',
        it.by !== null && person(it.by),
      ),
    ),
  );
}
