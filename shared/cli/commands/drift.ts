import { drift as compare } from '../../insight/index.ts';
import { short } from '../../model/index.ts';
import { needed } from '../options.ts';
import { type Command, table } from './command.ts';

/** How two environments differ. */
export const drift: Command = {
  usage: 'drift --from E --to E',
  summary: 'how two environments differ',
  async run(desk, options) {
    const { states } = await desk.streams();
    const [from, to] = [needed(options.from, 'from'), needed(options.to, 'to')];
    const rows = compare(states, { from, to });
    return {
      ok: true,
      json: rows,
      lines: table(
        ['service', from, to, 'relation'],
        rows.map((it) => [it.service, sideOf(it.from), sideOf(it.to), it.relation]),
      ),
    };
  },
};

const sideOf = (side: ReturnType<typeof compare>[number]['from']): string =>
  side ? `${side.version} (${short(side.digest)})` : '-';
