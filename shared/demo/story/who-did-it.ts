import { arrived, ask, pushAndRun, type Stage, selected } from '../stage.ts';

/** Three services went out, then production broke: the ledger says which did it, and why it thinks so. */
export async function whoDidIt(stage: Stage): Promise<void> {
  const { say, shop } = stage;
  say.chapter('Production broke: which of the three that went out did it?');
  shop.edit('services/catalog/src/server.js', (text) => text.replace('Electric kettle', 'Kettle'));
  shop.edit('services/checkout/src/payment.js', (text) => text.replace("'CHF'", "'GBP'"));
  shop.edit('services/status/page.json', (text) => text.replace('Shop status', 'How the shop is'));
  const run = await pushAndRun(stage, shop.push('Sell to the United Kingdom'));
  const three = ['catalog', 'checkout', 'status'];
  say.observe(`went out: ${selected(run)}`, arrived(run, three));
  const at = new Date().toISOString();
  say.line(`payments fail at ${at}: slipway suspects --at … --environment production --service checkout`);
  const question = ['--at', at, '--environment', 'production', '--service', 'checkout', '--limit', '50'];
  const answer = await ask(stage, 'suspects', ...question);
  for (const line of linesAbout(answer.lines, run.push.after.slice(0, 12))) say.line(`  ${line}`);
  const first = answer.lines.find((it) => /^\s*1\b/.test(it)) ?? '';
  say.observe('the first suspect is checkout, with reasons', answer.exitCode === 0 && first.includes('checkout'));
}

/** The ranked deploys of one version, each with its factors below it. */
function linesAbout(lines: readonly string[], version: string): readonly string[] {
  let about = false;
  return lines.filter((line) => {
    if (/^\S/.test(line)) about = line.includes(`-${version},`);
    return about;
  });
}
