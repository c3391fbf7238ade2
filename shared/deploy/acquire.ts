import { type Acquired, type Lease, messageOf } from '../model/index.ts';
import type { DeployDeps, SettleDeps } from './deps.ts';
import { ownerName } from './names.ts';
import { Session } from './session.ts';

/** How often a lease that another run has is asked for again: soon at first, since most deploys are short. Milliseconds. */
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 2_000;

type Waited = Acquired | { readonly kind: 'cancelled' };

/** Takes the lease, waiting while another run has it; says who has it when the wait is over. */
export async function acquire(deps: DeployDeps, options: { readonly force: boolean }): Promise<Waited> {
  const { clock, signal, target, owner } = deps;
  const until = clock.now() + deps.lockWaitMs;
  let announced = false;
  for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, LONGEST_POLL_MS)) {
    if (signal.aborted) return { kind: 'cancelled' };
    await deps.onProgress('acquire');
    const acquired = await target.acquire(owner, options);
    if (acquired.kind === 'held' || clock.now() >= until) return acquired;
    if (!announced) {
      deps.log.info(`Waiting for ${ownerName(acquired.holder)}, which has the lease since ${acquired.since}.`);
      announced = true;
    }
    await clock.sleep(Math.min(pause, Math.max(1, until - clock.now())), signal);
  }
}

/**
 * Works under a lease: renews it meanwhile, and gives it back at the end, whatever the end is. Only a cancelled run keeps
 * it, for its own `post:` or, once it runs out, for the next run; and one that lost it has nothing to give back.
 */
export async function underLease<Result>(
  lease: Lease,
  deps: SettleDeps,
  body: (session: Session) => Promise<Result>,
): Promise<Result> {
  const session = new Session(lease, deps);
  try {
    return await session.beating(() => body(session));
  } finally {
    if (!session.stopped) await giveBack(session);
  }
}

async function giveBack(session: Session): Promise<void> {
  await session.deps.onProgress('release');
  try {
    await session.lease.release();
  } catch (error) {
    session.deps.log.debug(`The lease was not given back, and runs out by itself: ${messageOf(error)}`);
  }
}
