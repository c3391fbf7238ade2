import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../io/clock.ts';
import { readIdentity, stop } from '../io/processes.ts';

const GRACE_MS = 2_000;

/** Ends every process that a local target has under a folder: the demonstration leaves none behind, however it ended. */
export async function stopServices(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.pid'));
  await Promise.all(
    files.map(async (name) => {
      const identity = await readIdentity(join(folder, name));
      if (identity !== undefined)
        await stop(identity, { clock: systemClock, graceMs: GRACE_MS, guard: (act) => act() });
    }),
  );
}
