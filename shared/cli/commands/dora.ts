import { dora as measure } from '../../insight/index.ts';
import { formatDuration } from '../../model/index.ts';
import { countIn, optional } from '../options.ts';
import { defineCommand, isAsked, table } from './command.ts';

const DEFAULT_DAYS = 90;

/** The five delivery metrics of DORA. */
export const dora = defineCommand({
  summary: 'deploys a day, lead time, change fail rate, recovery, rework',
  options: { days: optional('N'), service: optional('S') },
  async run(desk, given) {
    const { events } = await desk.history();
    const days = countIn(given.days, 'days', DEFAULT_DAYS);
    const now = new Date(desk.world.clock.now()).toISOString();
    const rows = measure(events, { now, days }).filter((it) => isAsked(it, given));
    return {
      ok: true,
      json: rows,
      lines: table(
        ['service', 'environment', 'deploys', 'a day', 'lead time', 'change fail rate', 'recovery', 'rework'],
        rows.map((it) => [
          it.service,
          it.environment,
          String(it.deploys),
          it.deploysPerDay.toFixed(2),
          duration(it.leadTimeMs),
          rate(it.changeFailRate),
          duration(it.recoveryMs),
          rate(it.reworkRate),
        ]),
      ),
    };
  },
});

const duration = (ms: number | null): string => (ms === null ? '-' : formatDuration(ms));
const rate = (share: number | null): string => (share === null ? '-' : `${Math.round(share * 100)} %`);
