import { type Environment, notYet, type UserError } from '../../model/index.ts';
import { type Gate, type GateFacts, passed, refused, refusedBy } from './gate.ts';

/**
 * What is configured but cannot be carried out is refused before the first write, never passed over in silence: whoever
 * wrote `approval` counts on it that nothing goes in without one.
 */
export const settings: Gate = {
  name: 'settings',
  appliesToRollback: false,
  check(facts) {
    if (facts.settings === undefined) return refused('config-missing', unknown(facts.environment));
    const missing = beyondThisVersion({ ...facts, settings: facts.settings });
    return missing === undefined ? passed('Everything that is configured can be carried out.') : refusedBy(missing);
  },
};

/** Without a configuration no freeze, no promotion and no approval is known, so that nothing new may go in. */
function unknown({ name }: Environment): string {
  return `Without its configuration nothing is known of what ${name} asks for, so only a rollback may go there.`;
}

type Configured = GateFacts & { readonly settings: NonNullable<GateFacts['settings']> };

function beyondThisVersion({ settings: wanted, environment, service }: Configured): UserError | undefined {
  const { strategy, verify, hooks } = wanted;
  const place = { service, environment: environment.name };
  if (environment.approval !== undefined) {
    return notYet({ key: `environments.${environment.name}.approval`, value: environment.approval });
  }
  if (strategy.kind !== 'rolling') return notYet({ key: 'deploy.strategy.kind', value: strategy.kind, ...place });
  if (verify.metrics !== undefined) return notYet({ key: 'deploy.verify.metrics', ...place });
  const [hook] = [...hooks.before, ...hooks.after];
  return hook && notYet({ key: 'deploy.hooks', value: hook.name, ...place });
}
