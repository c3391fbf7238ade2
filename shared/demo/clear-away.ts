import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../io/clock.ts';
import { isErrno } from '../io/disk.ts';
import { readIdentity, stop } from '../io/processes.ts';

const GRACE_MS = 2_000;
/** How often a folder is tried to be removed, and the pause between: what was killed may have children that write a moment longer. */
const REMOVALS = 30;
const PAUSE_MS = 100;

/** Ends every process that was deployed under a folder, and removes it. A process that begins meanwhile is ended as well. */
export async function clearAway(folder: string): Promise<void> {
  for (let tried = 1; existsSync(folder); tried += 1) {
    try {
      await stopServices(folder);
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (tried >= REMOVALS || !STILL_IN_USE.some((code) => isErrno(error, code))) throw error;
    }
    await systemClock.sleep(PAUSE_MS);
  }
}

const STILL_IN_USE = ['ENOTEMPTY', 'EBUSY', 'EPERM', 'ENOENT'];

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
