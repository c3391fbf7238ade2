import { type Question, span, WINDOW_MS } from '../../insight/index.ts';
import { field, h, select } from './dom.ts';
import type { Page } from './page.ts';
import { formatTime, parseTime, zoneName } from './time.ts';

const HOUR_MS = 3_600_000;
const WINDOWS = [1, 6, 24, 24 * 7].map((hours): [string, string] => [String(hours * HOUR_MS), span(hours * HOUR_MS)]);

/** The question as a form; `read` gives undefined when its time is none. */
interface QuestionForm {
  readonly element: HTMLFormElement;
  read(): Required<Question> | undefined;
  /** Whether the time cannot be read: marks its field, and goes there. */
  refuse(is: boolean): void;
}

export function questionForm(page: Page, params: Readonly<Record<string, string>>): QuestionForm {
  const { board, zone } = page;
  const asked = Date.parse(params['at'] ?? '');
  const start = formatTime(Number.isNaN(asked) ? page.now : asked, zone, 'seconds');
  const at = h('input', {
    id: 'at',
    type: 'text',
    value: start,
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'at-hint',
  });
  const pick = h('input', { id: 'pick', type: 'datetime-local', step: 1, value: start.replace(' ', 'T') });
  pick.addEventListener('input', () => {
    if (pick.value !== '') at.value = pick.value.replace('T', ' ');
  });
  const environment = select(
    'at-environment',
    board.environments.map(({ name }) => [name, name]),
    params['environment'] ?? defaultEnvironment(page),
  );
  const names = h(
    'datalist',
    { id: 'service-names' },
    ...board.services.map(({ name }) => h('option', { value: name })),
  );
  const service = h('input', {
    id: 'at-service',
    list: 'service-names',
    value: params['service'] ?? '',
    autocomplete: 'off',
    placeholder: 'any',
  });
  const window = select('at-window', WINDOWS, params['window'] ?? String(WINDOW_MS));
  const hint = `Times are in ${zoneName(zone)} unless they say otherwise. 2026-03-02T14:05Z, 2026-03-02 15:05+01:00 and 1772460300 are read too.`;
  const element = h(
    'form',
    { class: 'filters', novalidate: true },
    field('Time T', at),
    field('Or pick it', pick),
    field('Environment', environment),
    field('Service that showed it', service),
    names,
    field('Look back', window),
    h('div', { class: 'field' }, h('button', { type: 'submit', class: 'primary' }, 'Rank suspects')),
    h('p', { class: 'hint', id: 'at-hint' }, hint),
  );
  return {
    element,
    read() {
      const ms = parseTime(at.value, zone);
      if (ms === undefined) return undefined;
      const named = service.value.trim();
      return {
        at: new Date(ms).toISOString(),
        environment: environment.value,
        service: named === '' ? undefined : named,
        windowMs: Number(window.value),
      };
    },
    refuse(is) {
      at.setAttribute('aria-invalid', String(is));
      if (is) at.focus();
    },
  };
}

/** Where things break that matter: the first environment of class production, else the last of the order. */
function defaultEnvironment({ board }: Page): string {
  return (board.environments.find((it) => it.class === 'production') ?? board.environments.at(-1))?.name ?? '';
}
