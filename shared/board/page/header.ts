import { span } from '../../insight/index.ts';
import { h } from './dom.ts';
import { mark, type Page, time } from './page.ts';
import { formatRoute, VIEWS, type View } from './route.ts';
import { zoneName } from './time.ts';

/** Facts older than this may not be the facts any more: the schedule that draws the board has stopped. */
const STALE_MS = 24 * 3_600_000;

/** Whose board it is, how fresh, whether its ledger could be verified, and in which zone its times are. */
export function header(page: Page, switchZone: () => void): HTMLElement {
  const { board, zone } = page;
  const button = h(
    'button',
    { type: 'button', id: 'zone', class: 'zone', title: 'Switch between your time and UTC' },
    `Times in ${zoneName(zone)}`,
  );
  button.addEventListener('click', switchZone);
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, h('span', { class: 'what' }, 'Deploys of '), board.repository),
    h('div', { class: 'health' }, freshness(page), verified(page), button),
  );
}

function freshness(page: Page): HTMLElement {
  const old = Math.max(0, page.now - Date.parse(page.board.asOf));
  const stale = old > STALE_MS;
  return h(
    'span',
    { class: 'fresh' },
    'As of ',
    time(page, page.board.asOf),
    `, ${span(old)} ago`,
    stale && ' ',
    stale && mark({ word: 'stale', tone: 'bad', sign: 'alert' }),
  );
}

function verified({ board }: Page): HTMLElement {
  const href = formatRoute({ view: 'audit', params: {} });
  const it = board.verified.ok
    ? mark({ word: 'ledger verified', tone: 'good', sign: 'check' })
    : mark({ word: 'ledger not verified', tone: 'bad', sign: 'alert' });
  return h('a', { href, class: 'verified' }, it);
}

const TITLES: Readonly<Record<View, string>> = {
  services: 'Services',
  history: 'History',
  suspects: 'Suspects',
  metrics: 'Metrics',
  audit: 'Audit',
};

export function navigation(current: View): HTMLElement {
  const links = VIEWS.map((view) =>
    h(
      'li',
      {},
      h(
        'a',
        { class: 'view', href: formatRoute({ view, params: {} }), 'aria-current': view === current && 'page' },
        TITLES[view],
      ),
    ),
  );
  return h('nav', { 'aria-label': 'Views' }, h('ul', { class: 'views' }, ...links));
}
