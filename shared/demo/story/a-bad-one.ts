import { isRecord } from '../../model/index.ts';
import { took } from '../narrator.ts';
import { get, pushAndRun, type Stage, selected, serviceOf, statusOf, urlOf } from '../stage.ts';

/** A bad image is rolled back by itself, does not come back with the next push, and the fix ends the hold. */
export async function aBadOne(stage: Stage): Promise<void> {
  await itBreaks(stage);
  await itStaysAway(stage);
  await itIsMended(stage);
}

async function itBreaks(stage: Stage): Promise<void> {
  const { say, shop, memory } = stage;
  say.chapter('A bad one: rolled back by itself, and it stays away until it is mended');
  shop.edit('services/checkout/src/payment.js', (text) => text.replace("'EUR', ", ''));
  shop.edit('services/catalog/src/server.js', (text) => text.replace('Kettle', 'Water kettle'));
  const run = await pushAndRun(stage, shop.push('Clean the currencies up'));
  memory.set('bad', run);
  const checkout = serviceOf(run, 'checkout').deploys.get('production');
  say.observe(
    `checkout in production: ${statusOf(run, 'checkout', 'production')} ${took(checkout?.durationMs ?? 0)}`,
    statusOf(run, 'checkout', 'production') === 'rolled-back-after-failure' && checkout?.conclusion === 'failure',
  );
  const evidence = evidenceOf(checkout?.outputs['event'] ?? '{}');
  for (const line of evidence.slice(0, 3)) say.line(`  kept: ${line}`);
  say.observe(
    'the evidence is kept: the status, and the last lines of its log',
    evidence.some((it) => it.includes('500')) && evidence.some((it) => it.includes('unknown currency EUR')),
  );
  const answer = JSON.stringify(await get(`${urlOf(checkout)}/readyz`));
  say.observe(`production answers with the old one: ${answer}`, answer.includes('"ok":true'));
  say.observe(
    `catalog of the same push: ${statusOf(run, 'catalog', 'production')}`,
    statusOf(run, 'catalog', 'production') === 'deployed',
  );
}

async function itStaysAway(stage: Stage): Promise<void> {
  const { say, shop, memory } = stage;
  shop.edit('services/status/page.json', (text) =>
    text.replace('All systems are running.', 'We are looking into payments.'),
  );
  const run = await pushAndRun(stage, shop.push('Tell people about payments'));
  memory.set('held', run);
  const held = serviceOf(run, 'checkout').deploys.get('production');
  say.observe(
    `selected: ${selected(run)}; checkout in production: ${statusOf(run, 'checkout', 'production')}, nothing written`,
    statusOf(run, 'checkout', 'production') === 'held' &&
      held?.outputs['changed'] === 'false' &&
      serviceOf(run, 'checkout').build.outputs['reused'] === 'true',
  );
}

async function itIsMended(stage: Stage): Promise<void> {
  const { say, shop } = stage;
  shop.edit('services/checkout/src/payment.js', (text) => text.replace("['USD']", "['EUR', 'USD', 'CHF']"));
  const run = await pushAndRun(stage, shop.push('Take euros again'));
  say.observe(
    `the fix: checkout in production: ${statusOf(run, 'checkout', 'production')}; the hold has ended ${took(run.durationMs)}`,
    statusOf(run, 'checkout', 'production') === 'deployed',
  );
}

/** Summary, checks and log lines out of a deploy event. */
function evidenceOf(text: string): readonly string[] {
  const event: unknown = JSON.parse(text);
  const evidence = isRecord(event) && isRecord(event['evidence']) ? event['evidence'] : {};
  const checks = Array.isArray(evidence['checks']) ? evidence['checks'].filter(isRecord) : [];
  const log = Array.isArray(evidence['log']) ? evidence['log'].map(String) : [];
  return [...checks.map((it) => `${String(it['name'])}: ${String(it['seen'])}`), ...new Set(log)].slice(-6);
}
