import { drift as compare } from '../../insight/index.ts';
import { short } from '../../model/index.ts';
import { needed } from '../options.ts';
import { defineCommand, table } from './command.ts';

/** How two environments differ. */
export const drift = defineCommand({
  summary: 'how two environments differ',
  options: { from: needed('E'), to: needed('E') },
  async run(desk, given) {
    const { states } = await desk.streams();
    const [from, to] = [given.from, given.to];
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
});

const sideOf = (side: ReturnType<typeof compare>[number]['from']): string =>
  side ? `${side.version} (${short(side.digest)})` : '-';
