import { chainOf } from '../detect/index.ts';
import type { ActionFlow, ActionResult, InputValues, World } from '../io/runner/index.ts';
import { isRecord, isShipping, messageOf, parseJson, UserError, userError } from '../model/index.ts';
import { wantedOf } from './detect-stages.ts';
import { type GateFacts, type GateVerdict, type JobResult, judgeGate } from './gate.ts';
import { openHouse, openLedger } from './house.ts';
import type { summaryAction } from './interface/index.ts';
import { readyOf } from './ready.ts';
import { registryOf } from './registry.ts';
import { readRunRecord } from './run-record.ts';
import { NOTHING_BROUGHT, type RunSummary, summaryResult } from './summary-report.ts';

type Inputs = InputValues<typeof summaryAction.inputs>;
type Result = ActionResult<keyof typeof summaryAction.outputs>;

/** What this run has brought where, whether all went well, and what waits for an approval. */
export const summaryFlow: ActionFlow<typeof summaryAction.inputs, keyof typeof summaryAction.outputs> = { main };

async function main(inputs: Inputs, world: World): Promise<Result> {
  // Empty and 0 are what a detection says that has failed, or found nothing.
  const selected = Number(inputs.selected ?? inputs.services.length);
  const facts = inputs.results === undefined ? undefined : readResults(inputs.results, selected);
  const verdict = facts && judgeGate(facts);
  // What is not meant to run has left nothing in the ledger; asked without results, the ledger is the question.
  const isRecorded = facts === undefined || (facts.detect === 'success' && isShipping(world.run));
  const brought = isRecorded ? await lookUp(inputs, verdict, world) : NOTHING_BROUGHT;
  return summaryResult(inputs.services, brought, verdict, world);
}

/** The verdict stands without the ledger: whether jobs went well is nothing that it has a say in. */
async function lookUp(inputs: Inputs, verdict: GateVerdict | undefined, world: World): Promise<RunSummary> {
  try {
    return await broughtByRun(inputs, world);
  } catch (thrown) {
    if (verdict === undefined || !(thrown instanceof UserError)) throw thrown;
    for (const it of thrown.problems) world.log.warning(it);
    return NOTHING_BROUGHT;
  }
}

async function broughtByRun(inputs: Inputs, world: World): Promise<RunSummary> {
  const { config, checkout } = await openHouse(inputs.config, world);
  const chain = chainOf(config.environments, wantedOf(inputs.environments));
  const asked = new Set(inputs.services);
  const services = config.services.filter(({ name }) => asked.has(name));
  const environments = [...chain.first, ...chain.approved];
  const store = openLedger(config.ledger, checkout.root, world);
  const records = await readRunRecord(store, config, services, environments, world);
  const isAsked = chain.approvals.length > 0 && inputs.results === undefined;
  const ready = isAsked ? await readyOf(records, chain, world.run.sha, registryOf(world)) : [];
  return { records, environments, ready, chain };
}

const RESULTS: readonly JobResult[] = ['success', 'failure', 'cancelled', 'skipped', ''];

function readResults(text: string, selected: number): GateFacts {
  const value = parseJson(text);
  if (!isRecord(value)) throw wrongResults('it is no JSON object');
  const one = (found: unknown): JobResult => {
    const known = RESULTS.find((it) => it === (found ?? ''));
    if (known === undefined) throw wrongResults(`${messageOf(JSON.stringify(found))} is no result of a job`);
    return known;
  };
  const many = (found: unknown) => (Array.isArray(found) ? found.map(one) : []);
  return {
    detect: one(value['detect']),
    selected,
    services: many(value['services']),
    approval: one(value['approval']),
    approved: many(value['approved']),
  };
}

const wrongResults = (why: string): Error =>
  userError('input-invalid', `The input \`results\` is not as it should be: ${why}.`);
