import type { PlanSettings } from '../facts.ts';
import { type Gate, passed, refused } from './gate.ts';

/** What is configured but cannot be carried out is refused before the first write, never passed over in silence. */
export const settings: Gate = {
  name: 'settings',
  overridable: false,
  appliesToRollback: false,
  check({ settings: wanted }) {
    const missing = wanted && beyondThisVersion(wanted);
    if (missing === undefined) return passed('Everything that is configured can be carried out.');
    return refused('not-yet', `${missing} cannot be carried out by this version.`);
  },
};

function beyondThisVersion({ strategy, verify, hooks }: PlanSettings): string | undefined {
  if (strategy.kind !== 'rolling') return `The strategy ${strategy.kind}`;
  if (verify.metrics !== undefined) return '`verify.metrics`';
  const hook = hooks.before[0] ?? hooks.after[0];
  return hook === undefined ? undefined : `The hook ${hook.name}`;
}
