import { whatRuns } from '../../insight/index.ts';
import { short } from '../../model/index.ts';
import { optional } from '../options.ts';
import { defineCommand, isAsked, table, when } from './command.ts';

/** What runs where. */
export const state = defineCommand({
  summary: 'what runs where, since when, by whom',
  options: { environment: optional('E'), service: optional('S') },
  async run(desk, given) {
    const { states, view } = await desk.streams();
    const order = desk.house?.config.environments.map((it) => it.name) ?? [];
    const rows = whatRuns(states.filter((it) => isAsked(it, given)));
    const unbelievable = [...view.streams].flatMap(([ref, it]) =>
      it.kind === 'unbelievable' ? [`${ref} cannot be believed: ${it.why}`] : [],
    );
    const place = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
    const sorted = [...rows].sort(
      (a, b) => a.service.localeCompare(b.service) || place(a.environment) - place(b.environment),
    );
    return {
      ok: true,
      json: sorted,
      lines: [
        ...table(
          ['service', 'environment', 'version', 'digest', 'since', 'by', 'state'],
          sorted.map((it) => [
            it.service,
            it.environment,
            it.live?.version ?? '-',
            it.live === undefined || it.live === null ? '-' : short(it.live.image.digest),
            when(it.live?.since),
            it.live?.by ?? '',
            words(it),
          ]),
        ),
        ...unbelievable,
      ],
    };
  },
});

function words(it: ReturnType<typeof whatRuns>[number]): string {
  const held = it.held.length > 0 ? `${it.held.length} held` : '';
  const doubt = it.inDoubt ? 'in doubt' : '';
  const human = it.needsHuman ? 'needs a person' : '';
  return [doubt, human, held].filter((part) => part !== '').join(', ');
}
