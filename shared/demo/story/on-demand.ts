import { took } from '../narrator.ts';
import { get, type Stage, serviceOf, urlOf } from '../stage.ts';

/** A rollback that someone asks for. */
export async function onDemand(stage: Stage): Promise<void> {
  const { say, pipeline, memory } = stage;
  say.chapter('A rollback on demand');
  const run = memory.get('held');
  if (run === undefined) throw new Error('The chapters are told in order.');
  const before = serviceOf(run, 'status').deploys.get('production');
  const step = await pipeline.job(run.push, pipeline.nextRun(), 'rollback', {
    action: 'deploy-to-env',
    with: { service: 'status', environment: 'production', mode: 'rollback', reason: 'payments were fine all along' },
  });
  const page = JSON.stringify(await get(`${urlOf(step)}/`));
  say.observe(
    `status in production: ${step.outputs['status']} ${took(step.durationMs)}, from start of the process to healthy`,
    step.outputs['status'] === 'rolled-back',
  );
  say.observe(
    `it says "All systems are running." again`,
    page.includes('All systems are running.') && step.outputs['image'] !== before?.outputs['image'],
  );
}
