import { deployRows } from '../../insight/index.ts';
import { countIn, optional } from '../options.ts';
import { defineCommand, isAsked, table, when } from './command.ts';

const DEFAULT_ROWS = 30;

/** The history, newest first. */
export const log = defineCommand({
  summary: 'the deploys, newest first',
  options: { environment: optional('E'), service: optional('S'), limit: optional('N') },
  async run(desk, given) {
    const { events } = await desk.history();
    const rows = deployRows(events)
      .filter((it) => isAsked(it, given))
      .slice(0, countIn(given.limit, 'limit', DEFAULT_ROWS));
    return {
      ok: true,
      json: rows,
      lines: table(
        ['started', 'service', 'environment', 'kind', 'outcome', 'version', 'by', 'title'],
        rows.map((it) => [
          when(it.started),
          it.service,
          it.environment,
          it.kind,
          it.outcome ?? it.status,
          it.version,
          it.by,
          it.title ?? '',
        ]),
      ),
    };
  },
});
