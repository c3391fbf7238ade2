import {
  isRecord,
  oneLine,
  parseJson,
  type ReasonCode,
  type Redact,
  type UserError,
  userError,
} from '../../model/index.ts';
import { type HttpRequest, shownRequest } from './transport.ts';

/** Bytes of an error's body that are read, and characters of it that are shown. */
const BODY_READ = 16 * 1024;
const MESSAGE_SHOWN = 300;
const ERRORS_SHOWN = 3;

/** What a registry said when it refused. */
interface Refusal {
  readonly status: number;
  /** Codes of the specification, such as `MANIFEST_BLOB_UNKNOWN`. */
  readonly codes: readonly string[];
  /** One line: request, status and the head of the registry's own words. */
  readonly text: string;
}

/** Reads what a registry says in an answer that is no success. Bodies that are no JSON (pages of proxies) are shown as text. */
export async function readRefusal(response: Response, request: HttpRequest, redact: Redact): Promise<Refusal> {
  const body = await bodyHead(response);
  const errors = errorsIn(body);
  const words =
    errors.length > 0
      ? errors.map(({ code, message }) => [code, message].filter(Boolean).join(': ')).join('; ')
      : plain(body);
  const status = `${response.status} ${response.statusText}`.trim();
  // Before they are cut, since half of a secret is not known for one.
  const said = words === '' ? '' : `: ${oneLine(redact(words), MESSAGE_SHOWN).replace(/\.$/, '')}`;
  return {
    status: response.status,
    codes: errors.map(({ code }) => code),
    text: redact(`${shownRequest(request)} was answered with ${status}${said}`),
  };
}

/** The refusal as an error for people. Statuses stay apart: who may not (401, 403), what failed (5xx, 429), what is wrong (4xx). */
export function refused(refusal: Refusal): UserError {
  const remedy = remedyOf(refusal);
  return userError(reasonFor(refusal.status), `${refusal.text}.`, remedy === undefined ? {} : { remedy });
}

function reasonFor(status: number): ReasonCode {
  if (status === 401 || status === 403) return 'registry-denied';
  return status >= 500 || status === 429 || status === 408 ? 'registry-unavailable' : 'registry-refused';
}

function remedyOf({ status, codes }: Refusal): string | undefined {
  if (status === 413)
    return 'The registry, or a proxy before it, takes no upload of this size: make the layer smaller, or raise its limit.';
  if (codes.includes('NAME_UNKNOWN'))
    return 'Create the repository in the registry first, or check its name and your rights to it.';
  return undefined;
}

async function bodyHead(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= BODY_READ) break;
    }
  } catch {
    // The status says enough when the body does not come.
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, BODY_READ);
}

function errorsIn(body: string): readonly { readonly code: string; readonly message: string }[] {
  const value = parseJson(body);
  const list = isRecord(value) && Array.isArray(value['errors']) ? value['errors'] : [value];
  return list.slice(0, ERRORS_SHOWN).flatMap((it: unknown) => {
    if (!isRecord(it)) return [];
    const code = text(it['code']) ?? text(it['error']) ?? '';
    const message = text(it['message']) ?? text(it['error_description']) ?? text(it['details']) ?? '';
    return code === '' && message === '' ? [] : [{ code, message }];
  });
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A page without its tags. */
const plain = (body: string): string => body.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
