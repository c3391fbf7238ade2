import { Refused } from '../../model/index.ts';
import { type SinkDeps, TryLater } from './sink.ts';

/** Statuses after which the same request may succeed. RFC 9110, and what proxies in front of such systems answer. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);
const LONGEST_RETRY_AFTER_MS = 60_000;

/** Sends one request to a sink; any 2xx is success. Throws `Refused`, {@link TryLater}, or what `fetch` throws. */
export async function post(
  deps: Pick<SinkDeps, 'fetch'>,
  url: string,
  message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
  signal: AbortSignal,
): Promise<void> {
  // Not followed: a redirect would turn the POST into a GET, or carry the token elsewhere.
  const response = await deps.fetch(url, { method: 'POST', redirect: 'manual', signal, ...message });
  await response.body?.cancel();
  if (response.ok) return;
  const sentence = `${new URL(url).host} answered with HTTP ${response.status}`;
  if (!TEMPORARY.has(response.status)) throw new Refused(sentence, response.status);
  throw new TryLater(sentence, retryAfter(response.headers.get('retry-after')));
}

/** Milliseconds; dates are not understood, since only the server knows its clock. */
function retryAfter(header: string | null): number {
  const seconds = /^\d{1,6}$/.test(header ?? '') ? Number(header) : 0;
  return Math.min(seconds * 1_000, LONGEST_RETRY_AFTER_MS);
}
