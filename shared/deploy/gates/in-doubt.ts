import { short } from '../../model/index.ts';
import { believed } from '../facts.ts';
import { type Gate, passed } from './gate.ts';

/** Only informs: whoever has the lease settles what has no end, before anything else. */
export const inDoubt: Gate = {
  name: 'in-doubt',
  appliesToRollback: true,
  check({ record }) {
    if (record === 'unbelievable') return passed('The record of this stream cannot be believed; a new one is started.');
    const doubt = believed(record)?.in_doubt;
    if (!doubt) return passed('Every earlier deploy has its end.');
    const what = `${doubt.release.version} (${short(doubt.release.image.digest)})`;
    return passed(`The deploy of ${what} by ${doubt.owner} has no end yet; it is settled first.`);
  },
};
