import { deployRows } from '../../insight/index.ts';
import { countIn } from '../options.ts';
import { type Command, table, when } from './command.ts';

const DEFAULT_ROWS = 30;

/** The history, newest first. */
export const log: Command = {
  usage: 'log [--environment E] [--service S] [--limit N]',
  summary: 'the deploys, newest first',
  async run(desk, options) {
    const { events } = await desk.history();
    const rows = deployRows(events)
      .filter((it) => options.environment === undefined || it.environment === options.environment)
      .filter((it) => options.service === undefined || it.service === options.service)
      .slice(0, countIn(options.limit, 'limit', DEFAULT_ROWS));
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
};
