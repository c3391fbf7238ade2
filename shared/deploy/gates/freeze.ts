import { type Freeze, userError } from '../../model/index.ts';
import { type Gate, passed, refused } from './gate.ts';
import { instantAtOrAfter, instantOfEnd, isZone } from './wall-clock.ts';

/** Nothing is deployed while a window is open; what is running finishes. */
export const freeze: Gate = {
  name: 'freeze',
  appliesToRollback: false,
  check({ environment, now }) {
    const open = environment.freeze.find((it) => isOpen(it, now));
    if (open === undefined) return passed('No freeze window is open.');
    const reason = open.reason === undefined ? '' : `: ${open.reason}`;
    return refused('freeze-active', `${environment.name} is frozen until ${open.to} (${open.zone})${reason}.`);
  },
};

/**
 * Whether a window is open, by the wall clock of its zone: `from` counts, `to` does not. It opens at the first instant
 * whose wall clock has reached `from`, and closes when the wall clock can show nothing before `to` any more. So a time
 * that a clock change skips means the instant of the change, and of a time that comes twice the window takes in both.
 *
 * @param now milliseconds since 1970, UTC
 */
export function isOpen(window: Freeze, now: number): boolean {
  if (!isZone(window.zone)) {
    throw userError('config-invalid', `The freeze from ${window.from} names an unknown time zone: ${window.zone}.`, {
      remedy: 'Use a name of the IANA time zone database, such as Europe/Berlin.',
    });
  }
  return now >= instantAtOrAfter(window.from, window.zone) && now < instantOfEnd(window.to, window.zone);
}
