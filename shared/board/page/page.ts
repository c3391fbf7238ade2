import { span } from '../../insight/index.ts';
import { type Board, short } from '../../model/index.ts';
import { foreign, h } from './dom.ts';
import { icon } from './icons.ts';
import type { Route } from './route.ts';
import { formatTime, type Zone } from './time.ts';
import type { Verdict } from './verdict.ts';

/** What every view draws with. */
export interface Page {
  readonly board: Board;
  /** Milliseconds: ages are counted from here. */
  readonly now: number;
  readonly zone: Zone;
  /** Writes what the view shows into the address, without drawing it anew: the address can be sent to others. */
  note(route: Route): void;
}

/** A word with its sign and its colour. */
export const mark = (it: Verdict): HTMLElement => h('span', { class: `mark ${it.tone}` }, icon(it.sign), it.word);

/** An exact time; the other zone is in its title. */
export function time(page: Page, iso: string, precision: 'minutes' | 'seconds' = 'minutes'): HTMLElement {
  const ms = Date.parse(iso);
  const other = page.zone === 'utc' ? 'local' : 'utc';
  const title = `${formatTime(ms, other, 'seconds')} ${other === 'utc' ? 'UTC' : 'local time'}`;
  return h('time', { datetime: iso, title }, formatTime(ms, page.zone, precision));
}

/** How long ago, with the exact time in its title. */
export function age(page: Page, iso: string): HTMLElement {
  const ms = Date.parse(iso);
  const title = `${formatTime(ms, page.zone, 'seconds')} ${page.zone === 'utc' ? 'UTC' : 'local time'}`;
  return h('time', { datetime: iso, title }, Number.isNaN(ms) ? 'at an unknown time' : `${coarse(page.now - ms)} ago`);
}

/** One unit is enough to compare ages by. */
const coarse = (ms: number): string => span(ms).replace(/^(\d+ \S+) .*$/, '$1');

/** The short form of a digest, with the whole of it in its title. Equal digests have an equal tint. */
export function digestChip(digest: string): HTMLElement {
  const chip = h('code', { class: 'digest', title: digest }, short(digest));
  // Through the style object: the policy of the page refuses style attributes.
  chip.style.setProperty('--hue', String(hueOf(digest)));
  return chip;
}

/** A hue from the first bytes of a digest, in steps that can be told apart. */
function hueOf(digest: string): number {
  const start = Number.parseInt(short(digest).slice(0, 4), 16);
  return Number.isNaN(start) ? 0 : (start % 24) * 15;
}

export const person = (login: string): HTMLElement => foreign(login, { class: 'person' });

/** The heading of a view, which takes the focus when the view is opened. */
export const heading = (text: string): HTMLElement => h('h2', { tabindex: -1 }, text);

/** Where a view says what it shows, aloud too when that changes. */
export const announcer = (): HTMLElement => h('p', { class: 'count', role: 'status', 'aria-live': 'polite' });

export const many = (count: number, one: string, more = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : more}`;
