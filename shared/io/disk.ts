import { isRecord, userError } from '../model/index.ts';

/** Whether something thrown is an error of the operating system with this code, such as `ENOENT`. */
export function isErrno(thrown: unknown, ...codes: readonly string[]): boolean {
  return isRecord(thrown) && typeof thrown['code'] === 'string' && codes.includes(thrown['code']);
}

/** What was thrown, as `disk-full` when no space (or no quota) was left while `doing` (`writing /tmp/x`). */
export function explainDisk(thrown: unknown, doing: string): unknown {
  return isErrno(thrown, 'ENOSPC', 'EDQUOT')
    ? userError('disk-full', `No space is left for ${doing}.`, { cause: thrown })
    : thrown;
}
