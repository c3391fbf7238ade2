import { messageOf, Refused, userError } from '../../model/index.ts';

export interface GitHubOptions {
  /** Root of the REST API, such as `https://api.github.com` or `https://ghe.example/api/v3`. */
  readonly apiUrl: string;
  readonly token: string;
  /** `owner/repo` */
  readonly repository: string;
  /** Unit of all waiting for retries, 1000 by default; a test waits less. Milliseconds. */
  readonly secondMs?: number;
  /** Off only in tests: writes go out without a second between them, and rate limits are not waited for. */
  readonly throttle?: boolean;
}

/** How often a reading request is sent again. Writing ones are not: whether they arrived is for the caller to look up. */
const READ_RETRIES = 2;
/** How often a request that GitHub refused for its rate is sent again, and the longest wait for it, in seconds. */
const RATE_RETRIES = 1;
const LONGEST_WAIT = 20;

export type Octokit = Awaited<ReturnType<typeof openOctokit>>;

/** An octokit that paces its writes, waits out rate limits within bounds, and repeats what only reads. */
export async function openOctokit(options: GitHubOptions) {
  const [{ getOctokit }, { retry }, { throttling }] = await Promise.all([
    import('@actions/github'),
    import('@octokit/plugin-retry'),
    import('@octokit/plugin-throttling'),
  ]);
  const retryAfterBaseValue = options.secondMs ?? 1_000;
  const wait = (seconds: number, _request: object, _octokit: object, retried: number) =>
    retried < RATE_RETRIES && seconds <= LONGEST_WAIT;
  const settings = {
    baseUrl: options.apiUrl,
    userAgent: 'slipway',
    retry: { retries: READ_RETRIES, retryAfterBaseValue },
    throttle: {
      enabled: options.throttle ?? true,
      id: options.apiUrl,
      retryAfterBaseValue,
      onRateLimit: wait,
      onSecondaryRateLimit: wait,
    },
  };
  return getOctokit(options.token, settings, retry, throttling);
}

/** What GitHub answered, in one sentence that names the request; `Refused` when to ask again changes nothing. */
export function explain(error: unknown, what: string, needs = 'deployments: write'): Error {
  const status = statusOf(error);
  const sentence = `GitHub did not ${what}${status === undefined ? '' : ` (HTTP ${status})`}: ${messageOf(error)}`;
  const temporary = status === undefined || status === 408 || status === 429 || status >= 500 || isRateLimit(error);
  if (temporary) return new Error(sentence, { cause: error });
  const remedy = status === 401 || status === 403 ? `; give the job \`${needs}\`` : '';
  return new Refused(`${sentence}${remedy}`, status, { cause: error });
}

/** Whether GitHub answered with one of these. */
export const isStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  statuses.includes(statusOf(error) ?? 0);

/** `owner/repo` as requests have it. Throws `input-invalid`. */
export function whereOf(repository: string): { readonly owner: string; readonly repo: string } {
  const [owner = '', repo = '', ...rest] = repository.split('/');
  if (owner !== '' && repo !== '' && rest.length === 0) return { owner, repo };
  throw userError('input-invalid', `${JSON.stringify(repository)} is no repository of the form owner/repo.`);
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined;

const isRateLimit = (error: unknown): boolean => /rate limit/i.test(messageOf(error));
