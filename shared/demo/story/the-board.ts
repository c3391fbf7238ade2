import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { took } from '../narrator.ts';
import { ask, type Stage } from '../stage.ts';

/** The ledger is verified and folded, and the board is drawn. Gives the path of its page. */
export async function theBoard(stage: Stage): Promise<string> {
  const { say, pipeline, memory, site } = stage;
  say.chapter('The record');
  const last = memory.get('held');
  if (last === undefined) throw new Error('The chapters are told in order.');
  const step = await pipeline.job(last.push, pipeline.nextRun(), 'board', {
    action: 'publish-deploy-board',
    with: { output: site },
  });
  const { events, verified } = step.outputs;
  say.observe(
    `${events} events, every one verified: ${verified} ${took(step.durationMs)}`,
    verified === 'true' && Number(events) > 20,
  );
  const page = join(site, 'index.html');
  say.observe('the board is written', existsSync(page));
  const state = await ask(stage, 'state');
  say.line('');
  for (const line of state.lines) say.line(line);
  return page;
}
