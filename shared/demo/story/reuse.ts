import { formatDuration } from '../../model/index.ts';
import { arrived, pushAndRun, type Stage, selected, serviceOf } from '../stage.ts';

/** Content that was built before is not built again, also when a revert brings it back. */
export async function reuse(stage: Stage): Promise<void> {
  const { say, shop, memory, registry } = stage;
  say.chapter('The same content is not built again');
  const price = memory.get('price');
  const first = memory.get('first');
  if (price === undefined || first === undefined) throw new Error('The chapters are told in order.');
  shop.edit('services/catalog/src/server.js', (text) => text.replace('Teapot', 'Tea pot'));
  const there = await pushAndRun(stage, shop.push('Write tea pot in two words'));
  const uploads = registry.uploads();
  const back = await pushAndRun(stage, shop.revert(there.push.after, 'Write teapot in one word again'));
  const [built, reused] = [serviceOf(there, 'catalog').build, serviceOf(back, 'catalog').build];
  say.line(
    `  catalog built: ${formatDuration(built.durationMs)}    catalog reused: ${formatDuration(reused.durationMs)}`,
  );
  const same = reused.outputs['digest'] === serviceOf(first, 'catalog').build.outputs['digest'];
  say.observe(
    `the revert brings the first digest back: ${selected(back)} is reused, not built`,
    reused.outputs['reused'] === 'true' && same,
  );
  const sent = registry.uploads() - uploads;
  say.observe(`uploads for it: ${sent}; it arrived in production`, sent === 0 && arrived(back, ['catalog']));
}
