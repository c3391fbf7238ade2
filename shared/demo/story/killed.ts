import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { took } from '../narrator.ts';
import { ask, type Stage } from '../stage.ts';

/** A deploy is killed right after its commit point; the next run, elsewhere, finds the intent and settles it. */
export async function killed(stage: Stage): Promise<void> {
  const { say, shop, pipeline, folder } = stage;
  say.chapter('The runner dies in the middle of a deploy');
  shop.edit('services/catalog/src/server.js', (text) => text.replace('Water kettle', 'Electric kettle'));
  const push = shop.push('Name the kettle better');
  say.line(`push ${push.after.slice(0, 7)} "${push.title}"`);
  const run = pipeline.nextRun();
  const build = await pipeline.job(push, run, 'build (catalog)', {
    action: 'build-and-tag-image',
    with: { service: 'catalog' },
  });
  const image = build.outputs['image'] ?? '';
  await pipeline.job(push, run, 'deploy (catalog, dev)', {
    action: 'deploy-to-env',
    with: { service: 'catalog', environment: 'dev', image },
  });
  const production = {
    action: 'deploy-to-env',
    with: { service: 'catalog', environment: 'production', 'promote-from': 'dev' },
  };
  const died = await pipeline.job(push, run, 'deploy (catalog, production)', {
    ...production,
    interrupt: { at: /applied; waiting/, by: 'kill' },
  });
  say.observe(`killed by ${died.killedBy} after it had applied`, died.killedBy === 'SIGKILL');
  const doubt = await ask(stage, 'state', '--environment', 'production', '--service', 'catalog');
  say.observe(
    'the ledger says: in doubt',
    doubt.lines.some((it) => it.includes('in doubt')),
  );
  const home = join(folder, 'another-home');
  mkdirSync(home, { recursive: true });
  const next = await pipeline.job(push, run, 'deploy (catalog, production)', { ...production, attempt: 2, home });
  say.observe(
    `the next run settles it: ${next.outputs['status']} ${took(next.durationMs)}`,
    next.conclusion === 'success' && next.outputs['image'] === image,
  );
  const whole = await ask(stage, 'verify');
  say.observe(`the ledger is whole: ${whole.lines.at(-1) ?? ''}`, whole.exitCode === 0);
}
