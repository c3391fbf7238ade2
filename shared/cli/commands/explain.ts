import { reasonsFile, explain as words } from '../../detect/index.ts';
import { serviceNamed } from '../../flow/house.ts';
import { findSelection } from '../../flow/selection.ts';
import { safeLines } from '../../io/runner/index.ts';
import { short, userError } from '../../model/index.ts';
import { optional } from '../options.ts';
import { defineCommand } from './command.ts';

/** Why a service is selected, or is not: what was compared, with what, and what of it differs. */
export const explain = defineCommand({
  summary: 'why a service is selected, or is not',
  operand: 'SERVICE',
  options: { base: optional('REF'), head: optional('REF'), environment: optional('E') },
  async run(desk, given, name) {
    const { world, house } = desk;
    if (house === undefined) {
      throw userError('config-missing', `There is no checkout with a ${desk.file} here.`, {
        remedy: 'Ask in a clone of the repository, or name the file with --config.',
      });
    }
    const { checkout, config } = house;
    const service = serviceNamed(config, name);
    const request = {
      base: given.base ?? 'auto',
      // Outside of a run there is no event that says what it is about.
      head: given.head ?? (world.run.sha === '' ? 'HEAD' : undefined),
      select: 'changed',
      environments: given.environment === undefined ? undefined : [given.environment],
      onUnknownBase: 'all',
    } as const;
    const { selection, graph } = await findSelection({ checkout, config, file: desk.file, request }, world);
    const verdict = selection.verdicts.find((it) => it.service === service.name);
    if (verdict === undefined) throw userError('internal-error', `Nothing was found out about ${service.name}.`);
    for (const it of selection.warnings) world.log.warning(it);
    const isUnknown = verdict.reasons.some(({ kind }) => kind === 'base-unknown');
    const lines = [
      `Asked about the commit ${short(selection.head)}.`,
      ...words(verdict, { service, config, graph }),
      ...(isUnknown && given.base === undefined ? ['To compare with a commit of your own: --base REF.'] : []),
    ];
    return {
      ok: true,
      json: JSON.parse(reasonsFile({ ...selection, verdicts: [verdict] })),
      lines: lines.flatMap(safeLines),
    };
  },
});
