import { formatDuration } from '../../model/index.ts';
import { took } from '../narrator.ts';
import { arrived, get, pushAndRun, type Stage, selected, serviceOf, urlOf } from '../stage.ts';

const ALL = ['cart', 'catalog', 'checkout', 'pricing', 'status'];

/** The first push: every service is new, is built once, and goes through both environments. */
export async function everythingIsNew(stage: Stage): Promise<void> {
  const { say, shop, memory } = stage;
  say.chapter('The first push: everything is new');
  const run = await pushAndRun(stage, shop.push('Open the shop'));
  memory.set('first', run);
  say.observe(`selected: ${selected(run)} ${took(run.detect.durationMs)}`, selected(run) === ALL.join(', '));
  say.table([
    ['service', 'digest', 'build', 'dev', 'production'],
    ...run.services.map((it) => [
      it.service,
      (it.build.outputs['digest'] ?? '').slice(7, 19),
      formatDuration(it.build.durationMs),
      ...['dev', 'production'].map((environment) => formatDuration(it.deploys.get(environment)?.durationMs ?? 0)),
    ]),
  ]);
  const builds = run.services.filter((it) => it.build.outputs['reused'] === 'false').length;
  say.observe(
    `${builds} images built, each once; the same digest runs in dev and production`,
    builds === 5 && sameDigests(run),
  );
  const cart = await get(`${urlOf(serviceOf(run, 'cart').deploys.get('production'))}/`);
  const total = JSON.stringify(cart);
  say.observe(
    `cart answers in production: ${total} ${took(run.durationMs)}`,
    arrived(run, ALL) && total.includes('6350'),
  );
}

function sameDigests(run: Awaited<ReturnType<typeof pushAndRun>>): boolean {
  return run.services.every((it) => {
    const images = [it.build, ...it.deploys.values()].map((step) => step.outputs['image']);
    return images.length === 3 && new Set(images).size === 1;
  });
}
