import { foreign, h } from './dom.ts';
import { heading, many, mark, type Page } from './page.ts';

/** What the ledger's verification found, and everything of the page to take away. */
export function auditView(page: Page): readonly Node[] {
  const { board } = page;
  const { history, ...state } = board;
  const lines = () => history.map((event) => `${JSON.stringify(event)}\n`).join('');
  return [
    heading('Audit'),
    h('section', { class: 'part' }, h('h3', {}, 'Verification of the ledger'), ...verification(page)),
    h(
      'section',
      { class: 'part' },
      h('h3', {}, 'Export'),
      h(
        'p',
        {},
        `This page holds ${many(history.length, 'deploy')}${range(page)}. Older ones are in the ledger. The same files lie beside this page.`,
      ),
      h(
        'div',
        { class: 'buttons' },
        download('events.jsonl', 'History as JSON lines', 'application/x-ndjson', lines),
        download(
          'state.json',
          'What runs where, as JSON',
          'application/json',
          () => `${JSON.stringify(state, null, 2)}\n`,
        ),
      ),
    ),
  ];
}

function verification({ board }: Page): readonly Node[] {
  const { ok, findings } = board.verified;
  const first = ok
    ? h('p', {}, mark({ word: 'verified', tone: 'good', sign: 'check' }), ' Every stream is the one that was recorded.')
    : h('p', {}, mark({ word: 'not verified', tone: 'bad', sign: 'alert' }), ` ${many(findings.length, 'finding')}.`);
  if (findings.length === 0) return [first];
  return [first, h('ul', { class: 'said-list' }, ...findings.map((it) => h('li', {}, foreign(it))))];
}

function range({ board }: Page): string {
  const oldest = board.history.at(-1);
  return oldest === undefined ? '' : `, back to ${oldest.started.slice(0, 10)}`;
}

/** A file made in the page when it is asked for: nothing leaves the browser. */
function download(name: string, label: string, type: string, text: () => string): HTMLElement {
  const button = h('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    const url = URL.createObjectURL(new Blob([text()], { type }));
    h('a', { href: url, download: name }).click();
    // The download has its own hold on the bytes once it has begun.
    requestAnimationFrame(() => URL.revokeObjectURL(url));
  });
  return button;
}
