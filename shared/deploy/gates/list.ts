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

/** Every gate, in the order in which they are asked; the first that stops gives the outcome. */
export const GATES: readonly Gate[] = [human, inDoubt, freeze, hold, promotion, ancestry, evidence, settings];

/** What the input `override` can name, in the order of the gates; a test holds that the action's input says the same. */
export const OVERRIDABLE: readonly GateName[] = GATES.filter((it) => it.overridable).map((it) => it.name);
