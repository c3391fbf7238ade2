import type { GateName } from '../../model/index.ts';
import { ancestry } from './ancestry.ts';
import { evidence } from './evidence.ts';
import { freeze } from './freeze.ts';
import type { Gate } from './gate.ts';
import { hold } from './hold.ts';
import { human } from './human.ts';
import { inDoubt } from './in-doubt.ts';
import { promotion } from './promotion.ts';
import { settings } from './settings.ts';

/**
 * Every gate, in the order in which they are asked; the first that stops gives the outcome. A new one is a file beside
 * these, its line here, and its name in the model: with the overridable ones, where the input `override` may name it.
 */
const BY_NAME = {
  human,
  'in-doubt': inDoubt,
  freeze,
  hold,
  promotion,
  ancestry,
  evidence,
  settings,
} satisfies Record<GateName, Gate>;

export const GATES: readonly Gate[] = Object.values(BY_NAME);
