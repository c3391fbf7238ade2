import { auditView } from './audit-view.ts';
import { readBoard } from './data.ts';
import { h } from './dom.ts';
import { header, navigation } from './header.ts';
import { historyView } from './history-view.ts';
import { metricsView } from './metrics-view.ts';
import type { Page } from './page.ts';
import { formatRoute, parseRoute, type Route, type View } from './route.ts';
import { servicesView } from './services-view.ts';
import { suspectsView } from './suspects-view.ts';
import type { Zone } from './time.ts';

type DrawView = (page: Page, params: Readonly<Record<string, string>>) => readonly Node[];

const DRAW: Readonly<Record<View, DrawView>> = {
  services: servicesView,
  history: historyView,
  suspects: suspectsView,
  metrics: metricsView,
  audit: auditView,
};

start();

function start(): void {
  const root = document.getElementById('board');
  if (root === null) return;
  const board = readBoard(document.getElementById('facts')?.textContent ?? '');
  const top = h('div');
  const main = h('main', { id: 'main', tabindex: -1 });
  let zone: Zone = 'local';
  let route: Route = parseRoute(location.hash) ?? { view: 'services', params: {} };

  const draw = () => {
    // The clock of the reader: ages are as of now, not as of when the page was made.
    const page: Page = { board, zone, now: performance.timeOrigin + performance.now(), note };
    top.replaceChildren(header(page, switchZone), navigation(route.view));
    main.replaceChildren(...DRAW[route.view](page, route.params));
  };
  const note = (asked: Route) => {
    route = asked;
    history.replaceState(null, '', formatRoute(asked));
  };
  const switchZone = () => {
    zone = zone === 'local' ? 'utc' : 'local';
    draw();
    top.querySelector<HTMLElement>('#zone')?.focus();
  };
  addEventListener('hashchange', () => {
    const asked = parseRoute(location.hash);
    if (asked === undefined) return;
    route = asked;
    draw();
    main.querySelector('h2')?.focus();
  });
  root.append(h('a', { class: 'skip', href: '#main' }, 'Skip to content'), top, main);
  draw();
}
