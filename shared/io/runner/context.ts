import { readFileSync } from 'node:fs';
import { type Commit, isCommit, isRecord, type RunContext, type Trigger } from '../../model/index.ts';

/** Variables of a process, by name: not the environment that is deployed to. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The runner's variables and its event file, read once and checked; nothing of them is believed beyond its form. */
export function readRun(env: Env): RunContext {
  const event = readEvent(env['GITHUB_EVENT_PATH']);
  const serverUrl = env['GITHUB_SERVER_URL'] ?? 'https://github.com';
  const repository = env['GITHUB_REPOSITORY'] ?? 'local/repository';
  const id = env['GITHUB_RUN_ID'] ?? 'local';
  const attempt = Number(env['GITHUB_RUN_ATTEMPT'] ?? '1');
  const ref = env['GITHUB_REF'] ?? '';
  return {
    repository,
    sha: env['GITHUB_SHA'] ?? '',
    ref,
    defaultBranch: textAt(event, 'repository', 'default_branch') ?? 'main',
    trigger: triggerOf(env['GITHUB_EVENT_NAME'] ?? 'local', ref, event),
    id,
    attempt: Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 1,
    job: env['GITHUB_JOB'] ?? 'local',
    url: id === 'local' ? undefined : `${serverUrl}/${repository}/actions/runs/${id}/attempts/${attempt}`,
    workflowRef: env['GITHUB_WORKFLOW_REF'],
    actor: env['GITHUB_TRIGGERING_ACTOR'] ?? env['GITHUB_ACTOR'] ?? env['USER'] ?? 'unknown',
    serverUrl,
    apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
  };
}

/** What the event means for detection and tags. Exported for tests over recorded payloads. */
export function triggerOf(name: string, ref: string, event: unknown): Trigger {
  switch (name) {
    case 'push':
      return ref.startsWith('refs/tags/') ? { kind: 'tag', tag: ref.slice('refs/tags/'.length) } : push(ref, event);
    case 'pull_request':
    case 'pull_request_target':
    case 'pull_request_review':
    case 'pull_request_review_comment':
      return pullRequest(event) ?? { kind: 'other', name };
    case 'merge_group':
      return {
        kind: 'merge-group',
        base: {
          ref: (textAt(event, 'merge_group', 'base_ref') ?? '').replace(/^refs\/heads\//, ''),
          sha: commitAt(event, 'merge_group', 'base_sha'),
        },
        head: { sha: commitAt(event, 'merge_group', 'head_sha') },
      };
    default:
      return { kind: 'other', name };
  }
}

function push(ref: string, event: unknown): Trigger {
  const commits = at(event, 'commits');
  return {
    kind: 'push',
    branch: ref.replace(/^refs\/heads\//, ''),
    before: commitAt(event, 'before'),
    forced: at(event, 'forced') === true,
    ...(Array.isArray(commits) ? { commits: commits.length } : {}),
  };
}

function pullRequest(event: unknown): Trigger | undefined {
  const number = at(event, 'pull_request', 'number');
  if (typeof number !== 'number') return undefined;
  const side = (name: string) => ({
    ref: textAt(event, 'pull_request', name, 'ref') ?? '',
    sha: commitAt(event, 'pull_request', name, 'sha'),
  });
  const home = textAt(event, 'pull_request', 'base', 'repo', 'full_name');
  const from = textAt(event, 'pull_request', 'head', 'repo', 'full_name');
  const changedFiles = at(event, 'pull_request', 'changed_files');
  // A fork that was deleted has no repository any more: treat it as one.
  return {
    kind: 'pull-request',
    number,
    base: side('base'),
    head: side('head'),
    fork: from === undefined || from !== home,
    ...(typeof changedFiles === 'number' ? { changedFiles } : {}),
  };
}

function readEvent(path: string | undefined): unknown {
  if (path === undefined || path === '') return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Without a readable event the run is one of unknown kind: everything it could have told counts as not given.
    return undefined;
  }
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isRecord(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  );
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** Zeros mean "no commit" in GitHub's events. */
function commitAt(value: unknown, ...path: readonly string[]): Commit | undefined {
  const found = textAt(value, ...path);
  return found !== undefined && isCommit(found) && !/^0+$/.test(found) ? found : undefined;
}
