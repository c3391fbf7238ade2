import { causesOf, isRecord, oneLine, reasonOf } from '../model/index.ts';
import type { JudgeDeps } from './http.ts';

/** One answer, or why there was none. */
export interface Seen {
  readonly status: number | undefined;
  readonly text: string;
}

/** Bytes of an answer that are read, and characters of it that are shown. */
const BODY_READ = 2_048;
const BODY_SHOWN = 200;

/** What the errors of a connection mean, by their code: https://nodejs.org/api/errors.html#common-system-errors */
const CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection closed',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'connection closed before an answer came',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
};

/** Asks once. Never throws: what went wrong is what was seen. */
export async function ask(url: URL, deps: JudgeDeps, timeoutMs: number, signal: AbortSignal): Promise<Seen> {
  const late = new AbortController();
  const answered = new AbortController();
  void deps.clock.sleep(timeoutMs, answered.signal).then(() => late.abort());
  try {
    const both = AbortSignal.any([late.signal, signal]);
    const response = await deps.fetch(url, { redirect: 'manual', signal: both, headers: { 'user-agent': 'slipway' } });
    return { status: response.status, text: `HTTP ${response.status}${await rest(response)}` };
  } catch (error) {
    if (signal.aborted) return { status: undefined, text: 'stopped before an answer came' };
    if (late.signal.aborted) return { status: undefined, text: `no answer within ${timeoutMs} ms` };
    return { status: undefined, text: explain(error) };
  } finally {
    answered.abort();
  }
}

/** Where it points to, or the head of what it says: on one line, without control characters. */
async function rest(response: Response): Promise<string> {
  const location = response.headers.get('location');
  if (location !== null) {
    await response.body?.cancel();
    return ` to ${oneLine(location, BODY_SHOWN)}`;
  }
  const head = oneLine(await headOf(response), BODY_SHOWN);
  return head === '' ? '' : `: ${head}`;
}

async function headOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let read = 0; read < BODY_READ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      read += value.length;
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    // The status has come and counts; that the body broke off is shown.
    return `${text} [broken off: ${explain(error)}]`;
  } finally {
    await reader.cancel().catch(() => {});
  }
  return text;
}

/** In the words that people know, where there are some. */
function explain(thrown: unknown): string {
  const codes = causesOf(thrown)
    .filter(isRecord)
    .map((it) => String(it['code']));
  const known = codes.map((code) => CONNECTION[code]).find((it) => it !== undefined);
  return known ?? oneLine(reasonOf(thrown), BODY_SHOWN);
}
