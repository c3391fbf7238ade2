import { isRecord } from './json.ts';
import { messageOf } from './problem.ts';

/** How deep causes of an error are looked at: one may be its own cause. */
const DEEPEST = 5;

/** An error and its causes, outermost first; of several at once (one for each address of a host) the first. */
export function causesOf(thrown: unknown): readonly unknown[] {
  const found: unknown[] = [];
  for (let at = thrown; found.length < DEEPEST && at !== undefined; at = causeOf(at)) found.push(at);
  return found;
}

function causeOf(thrown: unknown): unknown {
  if (!isRecord(thrown)) return undefined;
  const { errors } = thrown;
  return Array.isArray(errors) ? errors[0] : thrown['cause'];
}

/** The words of the innermost cause: `fetch failed` says nothing. */
export function reasonOf(thrown: unknown): string {
  const at = causesOf(thrown).findLast(isRecord) ?? {};
  const words = [at['message'], at['code']].find((it) => typeof it === 'string' && it !== '');
  return typeof words === 'string' ? words : messageOf(thrown);
}
