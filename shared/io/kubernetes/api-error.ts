import * as z from 'zod';
import { oneLine, parseJson, problem, type ReasonCode, UserError } from '../../model/index.ts';

/** What an API server says when it refuses (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/). */
const status = z.object({
  kind: z.literal('Status'),
  message: z.string().catch(''),
  reason: z.string().catch(''),
  details: z
    .object({
      retryAfterSeconds: z.number().optional().catch(undefined),
      causes: z
        .array(z.object({ reason: z.string().catch(''), message: z.string().catch(''), field: z.string().catch('') }))
        .catch([]),
    })
    .partial()
    .catch({}),
});

const LONGEST_MESSAGE = 600;

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** The API server understood the request and refused it. What it says is text from outside. */
export class ApiError extends UserError {
  readonly status: number;
  /** Its own word: `NotFound`, `Conflict`, `AlreadyExists`, `Invalid`, `Forbidden`, …; empty where it gave none. */
  readonly reason: string;
  /** One line, bounded. */
  readonly said: string;
  readonly causes: readonly Cause[];

  constructor(code: number, what: string, text: string) {
    const parsed = status.safeParse(parseJson(text));
    const { message, reason, details } = parsed.success ? parsed.data : { message: text, reason: '', details: {} };
    const said = oneLine(message, LONGEST_MESSAGE);
    super(problem(codeOf(code), `${what}: HTTP ${code}${said === '' ? '' : `, ${said}`}.`, remedyOf(code)));
    this.name = 'ApiError';
    this.status = code;
    this.reason = reason;
    this.said = said;
    this.causes = details.causes ?? [];
  }
}

function codeOf(code: number): ReasonCode {
  if (code === 401 || code === 403) return 'target-denied';
  return code === 429 || code >= 500 ? 'target-unavailable' : 'target-refused';
}

function remedyOf(code: number): { remedy?: string } {
  if (code !== 401) return {};
  return { remedy: 'The credentials are not known to the cluster, or have run out: log in to it before this step.' };
}

export const isStatus = (thrown: unknown, ...codes: readonly number[]): thrown is ApiError =>
  thrown instanceof ApiError && codes.includes(thrown.status);
