import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { answerSource, type FakeSource } from './github-source.ts';

/**
 * What happens to requests instead of an answer, first come first served. `path` is matched against method and path
 * (`POST /repos/…`). `after`: the request is carried out first, and the answer then lost.
 */
export interface GitHubFault {
  readonly path: RegExp;
  /** How many requests it meets; once when left out. */
  readonly times?: number;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly after?: boolean;
  /** Never answers at all. */
  readonly hang?: boolean;
}

export interface GitHubRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

interface FakeDeployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly payload: unknown;
  readonly production: boolean;
  readonly transient: boolean;
  /** Oldest first. */
  readonly statuses: {
    readonly state: string;
    readonly description: string;
    readonly log_url: string;
    readonly environment_url: string;
  }[];
}

export interface FakeGitHub {
  /** Root of the REST API. */
  readonly url: string;
  readonly requests: readonly GitHubRequest[];
  /** Oldest first. */
  readonly deployments: readonly FakeDeployment[];
  /** Requests and answers that GitHub's own description does not allow: always empty, if all is right. */
  readonly violations: readonly string[];
  readonly faults: GitHubFault[];
  /** What a ref that is asked for resolves to; itself when left out. */
  resolve: (ref: string) => string;
  close(): Promise<void>;
}

const DESCRIPTION = new URL('../contracts/github-rest-subset.openapi.json', import.meta.url);

/** A GitHub on loopback that keeps deployments, and knows the commits of a repository where one is given. Every request and answer is checked against GitHub's OpenAPI description. */
export async function startGitHub(
  options: { readonly faults?: readonly GitHubFault[]; readonly source?: FakeSource } = {},
): Promise<FakeGitHub> {
  const contract = openContract();
  const requests: GitHubRequest[] = [];
  const deployments: FakeDeployment[] = [];
  const violations: string[] = [];
  const faults = [...(options.faults ?? [])];
  const left = new Map(faults.map((fault) => [fault, fault.times ?? 1]));

  const faultFor = (request: GitHubRequest): GitHubFault | undefined => {
    const fault = faults.find(
      (it) => it.path.test(`${request.method} ${request.path}`) && (left.get(it) ?? it.times ?? 1) > 0,
    );
    if (fault !== undefined) left.set(fault, (left.get(fault) ?? fault.times ?? 1) - 1);
    return fault;
  };
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = await read(incoming);
    requests.push(request);
    violations.push(...contract.wrongRequest(request));
    const fault = faultFor(request);
    if (fault?.hang) return;
    const known = options.source === undefined ? undefined : answerSource(request, options.source);
    const answer = fault === undefined || fault.after ? (known ?? route(request, deployments, github)) : undefined;
    if (answer !== undefined) violations.push(...contract.wrongAnswer(request, answer));
    const sent = fault ?? answer ?? notFound;
    outgoing.writeHead(sent.status, { 'content-type': 'application/json; charset=utf-8', ...fault?.headers });
    outgoing.end(JSON.stringify(sent.body ?? { message: 'A fault of the test.' }));
  };
  const server = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch((error: unknown) => {
      violations.push(`the server itself failed: ${String(error)}`);
      outgoing.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const github: FakeGitHub = {
    url: `http://127.0.0.1:${port}`,
    requests,
    deployments,
    violations,
    faults,
    resolve: (ref) => ref,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return github;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const notFound: Answer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
};
const LIST = /^\/repos\/([^/]+\/[^/]+)\/deployments$/;
const STATUSES = /^\/repos\/([^/]+\/[^/]+)\/deployments\/(\d+)\/statuses$/;

function route(request: GitHubRequest, deployments: FakeDeployment[], github: FakeGitHub): Answer {
  const [, repository = ''] = LIST.exec(request.path) ?? STATUSES.exec(request.path) ?? [];
  const base = `${github.url}/repos/${repository}`;
  const body = isRecord(request.body) ? request.body : {};
  if (LIST.test(request.path)) {
    if (request.method === 'GET') return { status: 200, body: list(request, deployments).map((it) => show(it, base)) };
    const made = create(body, deployments.length + 1, github);
    deployments.push(made);
    return { status: 201, body: show(made, base) };
  }
  const found = deployments.find((it) => String(it.id) === STATUSES.exec(request.path)?.[2]);
  if (found === undefined) return notFound;
  if (request.method === 'GET') {
    const shown = found.statuses.map((it, place) => showStatus(found, it, place, base)).reverse();
    return { status: 200, body: shown.slice(0, Number(request.query['per_page'] ?? '30')) };
  }
  const status = {
    state: text(body['state']),
    description: text(body['description']),
    log_url: text(body['log_url']),
    environment_url: text(body['environment_url']),
  };
  found.statuses.push(status);
  return { status: 201, body: showStatus(found, status, found.statuses.length - 1, base) };
}

function list(request: GitHubRequest, deployments: readonly FakeDeployment[]): readonly FakeDeployment[] {
  const { environment, per_page = '30' } = request.query;
  const matching = deployments.filter((it) => environment === undefined || it.environment === environment);
  return [...matching].reverse().slice(0, Number(per_page));
}

function create(body: Readonly<Record<string, unknown>>, id: number, github: FakeGitHub): FakeDeployment {
  const ref = text(body['ref']);
  return {
    id,
    ref,
    sha: github.resolve(ref),
    task: text(body['task']) || 'deploy',
    environment: text(body['environment']) || 'production',
    payload: body['payload'] ?? '',
    production: body['production_environment'] === true,
    transient: body['transient_environment'] === true,
    statuses: [],
  };
}

const TIME = '2026-01-01T00:00:00Z';

function show(it: FakeDeployment, base: string): Readonly<Record<string, unknown>> {
  return {
    url: `${base}/deployments/${it.id}`,
    id: it.id,
    node_id: `D${it.id}`,
    sha: it.sha,
    ref: it.ref,
    task: it.task,
    payload: it.payload,
    original_environment: it.environment,
    environment: it.environment,
    description: null,
    creator: null,
    created_at: TIME,
    updated_at: TIME,
    statuses_url: `${base}/deployments/${it.id}/statuses`,
    repository_url: base,
    transient_environment: it.transient,
    production_environment: it.production,
  };
}

function showStatus(
  deployment: FakeDeployment,
  status: FakeDeployment['statuses'][number],
  place: number,
  base: string,
): Readonly<Record<string, unknown>> {
  const url = `${base}/deployments/${deployment.id}`;
  const id = deployment.id * 1_000 + place;
  // GitHub's description wants addresses to be such, where the status had none.
  const given = Object.entries(status).filter(([, value]) => value !== '');
  return {
    ...Object.fromEntries(given),
    description: status.description,
    url: `${url}/statuses/${id}`,
    id,
    node_id: `S${id}`,
    creator: null,
    environment: deployment.environment,
    target_url: status.log_url || url,
    created_at: TIME,
    updated_at: TIME,
    deployment_url: url,
    repository_url: base,
  };
}

/** What may be null although it has no type of its own (OpenAPI 3.0), as JSON Schema says it. */
function withNull(_key: string, value: unknown): unknown {
  if (!isRecord(value) || value['nullable'] !== true || 'type' in value) return value;
  const { nullable: _nullable, ...rest } = value;
  return { anyOf: [rest, { type: 'null' }] };
}

/** GitHub's OpenAPI description as two questions. */
function openContract() {
  const description: unknown = JSON.parse(readFileSync(DESCRIPTION, 'utf8'), withNull);
  if (!isRecord(description) || !isRecord(description['paths'])) throw new Error('no OpenAPI description');
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(description, 'github');
  const templates = Object.keys(description['paths']).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }));
  const check = (request: GitHubRequest, tail: readonly string[], value: unknown, what: string): readonly string[] => {
    const template = templates.find((it) => it.pattern.test(request.path))?.template;
    if (template === undefined) return [`${request.method} ${request.path} is no path of GitHub's`];
    const method = request.method.toLowerCase();
    const pointer = ['paths', template, method, ...tail, 'content', 'application/json', 'schema']
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    let validate: ReturnType<typeof ajv.getSchema>;
    try {
      validate = ajv.getSchema(`github#/${pointer}`);
    } catch (error) {
      return [`${request.method} ${request.path}: ${what} cannot be checked: ${String(error)}`];
    }
    if (validate === undefined) return [`${request.method} ${request.path}: GitHub knows no such ${what}`];
    return validate(value)
      ? []
      : (validate.errors ?? []).map(
          (it) => `${request.method} ${request.path}: ${what}${it.instancePath} ${it.message}`,
        );
  };
  return {
    wrongRequest: (request: GitHubRequest) => {
      const body =
        request.body === undefined
          ? []
          : [...check(request, ['requestBody'], request.body, 'body'), ...unknownKeys(description, request)];
      return [...body, ...tooLong(request)];
    },
    wrongAnswer: (request: GitHubRequest, answer: Answer) =>
      answer.status === 404 ? [] : check(request, ['responses', String(answer.status)], answer.body, 'answer'),
  };
}

/** The description lets other keys through, and the server ignores them: a mistyped option would go unseen. */
function unknownKeys(description: Readonly<Record<string, unknown>>, request: GitHubRequest): readonly string[] {
  const template = STATUSES.test(request.path)
    ? '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
    : '/repos/{owner}/{repo}/deployments';
  const path = [
    'paths',
    template,
    request.method.toLowerCase(),
    'requestBody',
    'content',
    'application/json',
    'schema',
    'properties',
  ];
  const known = path.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), description);
  return Object.keys(isRecord(request.body) ? request.body : {})
    .filter((key) => !isRecord(known) || !(key in known))
    .map((key) => `${request.method} ${request.path}: the key ${key} is unknown`);
}

/** A rule that the description gives only in words: a status's description has 140 characters at most. */
const tooLong = (request: GitHubRequest): readonly string[] =>
  STATUSES.test(request.path) && isRecord(request.body) && text(request.body['description']).length > 140
    ? [`${request.method} ${request.path}: the description is over 140 characters`]
    : [];

async function read(incoming: IncomingMessage): Promise<GitHubRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const url = new URL(incoming.url ?? '/', 'http://github.test');
  const body = Buffer.concat(chunks).toString('utf8');
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    authorization: incoming.headers.authorization,
    body: body === '' ? undefined : JSON.parse(body),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
