import { readFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { formatIssue, nearest, userError } from '../../model/index.ts';
import { isErrno } from '../disk.ts';
import type { Access, ExecPlugin, Login } from './access.ts';

/*
 * kubeconfig files, after kubectl (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/):
 * an explicit file alone, else those of $KUBECONFIG, where the first that says something wins, else ~/.kube/config, else
 * what the cluster gives to a pod. Paths in a file are from its own folder.
 */

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Keys that a file has and this client has no use for are left alone. */
const cluster = z.object({
  server: z.string(),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': z.string().optional(),
  'proxy-url': z.string().optional(),
});
const plugin = z.object({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().nullish(),
  provideClusterInfo: z.boolean().nullish(),
  interactiveMode: z.string().nullish(),
});
const user = z.object({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  exec: plugin.optional(),
  'auth-provider': z.object({ name: z.string() }).optional(),
});
const context = z.object({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() });
const file = z.object({
  'current-context': z.string().nullish(),
  clusters: z.array(z.object({ name: z.string(), cluster })).nullish(),
  users: z.array(z.object({ name: z.string(), user })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context })).nullish(),
});
type Cluster = z.infer<typeof cluster>;
type User = z.infer<typeof user>;

interface Found<T> {
  readonly value: T;
  readonly folder: string;
}
interface Merged {
  readonly names: readonly string[];
  readonly current: string | undefined;
  readonly clusters: ReadonlyMap<string, Found<Cluster>>;
  readonly users: ReadonlyMap<string, Found<User>>;
  readonly contexts: ReadonlyMap<string, Found<z.infer<typeof context>>>;
}

export interface Wanted {
  /** Path of the one file to read; undefined: as kubectl finds it. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}
type Env = Readonly<Record<string, string | undefined>>;

/**
 * What the wanted context says. Throws `kubeconfig-invalid` when there is none, or it cannot be used.
 *
 * @param account folder of the service account of a pod, for tests
 */
export async function readAccess(wanted: Wanted, env: Env, account = ACCOUNT): Promise<Access> {
  const paths = pathsOf(wanted, env);
  const files = await Promise.all(paths.map((path) => readConfig(path, wanted.kubeconfig !== undefined)));
  const merged = merge(paths, files);
  if (merged.contexts.size === 0 && wanted.kubeconfig === undefined && wanted.context === undefined) {
    const ofPod = await accessOfPod(env, account);
    if (ofPod !== undefined) return ofPod;
  }
  return accessOf(merged, wanted.context);
}

function pathsOf({ kubeconfig }: Wanted, env: Env): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return [...new Set(listed)];
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home === undefined || home === '' ? [] : [join(home, '.kube', 'config')];
}

async function readConfig(path: string, required: boolean): Promise<z.infer<typeof file> | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT') && !required) return undefined;
    throw invalid(`${path} cannot be read.`, error);
  });
  if (text === undefined || text.trim() === '') return undefined;
  let data: unknown;
  try {
    data = parse(text, { maxAliasCount: 100 });
  } catch {
    // What the parser says repeats the text, which holds credentials.
    throw invalid(`${path} is no YAML.`);
  }
  const result = file.safeParse(data);
  if (result.success) return result.data;
  throw invalid(`${path} is no kubeconfig: ${formatIssue(result.error.issues[0])}.`);
}

function merge(names: readonly string[], files: readonly (z.infer<typeof file> | undefined)[]): Merged {
  const clusters = new Map<string, Found<Cluster>>();
  const users = new Map<string, Found<User>>();
  const contexts = new Map<string, Found<z.infer<typeof context>>>();
  let current: string | undefined;
  for (const [index, it] of files.entries()) {
    const folder = dirname(resolve(names[index] ?? '.'));
    current ??= it?.['current-context'] || undefined;
    for (const one of it?.clusters ?? []) addFirst(clusters, one.name, { value: one.cluster, folder });
    for (const one of it?.users ?? []) addFirst(users, one.name, { value: one.user, folder });
    for (const one of it?.contexts ?? []) addFirst(contexts, one.name, { value: one.context, folder });
  }
  return { names, current, clusters, users, contexts };
}

function addFirst<T>(into: Map<string, T>, name: string, value: T): void {
  if (!into.has(name)) into.set(name, value);
}

async function accessOf(merged: Merged, wanted: string | undefined): Promise<Access> {
  const name = wanted ?? merged.current;
  const where = merged.names.join(', ') || 'The environment (no KUBECONFIG, no HOME)';
  if (name === undefined) throw invalid(`${where} names no current context.`);
  const chosen = merged.contexts.get(name)?.value;
  if (chosen === undefined) {
    const near = nearest(name, [...merged.contexts.keys()]);
    throw invalid(`${where} has no context ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}`);
  }
  const at = merged.clusters.get(chosen.cluster);
  if (at === undefined)
    throw invalid(`The context ${name} is of a cluster ${chosen.cluster} that ${where} does not have.`);
  const who = chosen.user === undefined ? undefined : merged.users.get(chosen.user);
  if (chosen.user !== undefined && who === undefined) {
    throw invalid(`The context ${name} is of a user ${chosen.user} that ${where} does not have.`);
  }
  const ca = await bytesOf(at.folder, at.value['certificate-authority-data'], at.value['certificate-authority']);
  return {
    name,
    server: serverOf(at.value.server, name),
    namespace: chosen.namespace || undefined,
    tls: {
      ca,
      servername: at.value['tls-server-name'] || undefined,
      insecure: at.value['insecure-skip-tls-verify'] ?? false,
    },
    proxy: at.value['proxy-url'] || undefined,
    login: who === undefined ? NOBODY : await loginOf(who, at.value, ca),
  };
}

const NOBODY: Login = {
  certificate: undefined,
  token: undefined,
  tokenFile: undefined,
  basic: undefined,
  exec: undefined,
};

function serverOf(text: string, context: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw invalid(`The server of the context ${context} is no http(s) address.`);
}

async function loginOf({ value, folder }: Found<User>, at: Cluster, ca: string | undefined): Promise<Login> {
  const cert = await bytesOf(folder, value['client-certificate-data'], value['client-certificate']);
  const key = await bytesOf(folder, value['client-key-data'], value['client-key']);
  const login: Login = {
    certificate: cert === undefined || key === undefined ? undefined : { cert, key },
    token: value.token || undefined,
    tokenFile: value.tokenFile && from(folder, value.tokenFile),
    basic: value.username ? { username: value.username, password: value.password ?? '' } : undefined,
    exec: value.exec && pluginOf(value.exec, folder, at, ca),
  };
  const provider = value['auth-provider'];
  if (provider === undefined || login.token !== undefined || login.exec !== undefined) return login;
  // Kubernetes took these out of its own clients in 1.26; programs of the same vendors took their place.
  throw invalid(
    `Its user logs in with the auth-provider ${provider.name}, which Kubernetes has withdrawn.`,
    undefined,
    {
      remedy: 'Use the credential plugin of the provider instead (kubelogin, gke-gcloud-auth-plugin).',
    },
  );
}

function pluginOf(it: z.infer<typeof plugin>, folder: string, at: Cluster, ca: string | undefined): ExecPlugin {
  if (it.interactiveMode === 'Always') throw invalid(`The credential plugin ${it.command} needs a terminal.`);
  const { server, 'tls-server-name': name, 'insecure-skip-tls-verify': insecure, 'proxy-url': proxy } = at;
  const told = {
    server,
    ...(ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(name === undefined ? {} : { 'tls-server-name': name }),
    ...(insecure === undefined ? {} : { 'insecure-skip-tls-verify': insecure }),
    ...(proxy === undefined ? {} : { 'proxy-url': proxy }),
  };
  return {
    apiVersion: it.apiVersion,
    // A path is from the folder of the file; a bare name is sought in PATH.
    command: it.command.includes('/') || it.command.includes(sep) ? from(folder, it.command) : it.command,
    args: it.args ?? [],
    env: Object.fromEntries((it.env ?? []).map(({ name, value }) => [name, value])),
    installHint: it.installHint || undefined,
    cluster: it.provideClusterInfo ? told : undefined,
  };
}

async function bytesOf(
  folder: string,
  data: string | undefined,
  path: string | undefined,
): Promise<string | undefined> {
  if (data !== undefined && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  if (path === undefined || path === '') return undefined;
  const file = from(folder, path);
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw invalid(`${file}, which the kubeconfig names, cannot be read.`, error);
  });
}

const from = (folder: string, path: string): string => (isAbsolute(path) ? path : resolve(folder, path));

/** What every pod is given (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/). */
async function accessOfPod(env: Env, account: string): Promise<Access | undefined> {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (host === undefined || host === '') return undefined;
  const read = (name: string) => readFile(join(account, name), 'utf8').catch(() => undefined);
  const ca = await read('ca.crt');
  if (ca === undefined) return undefined;
  const server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  const tls = { ca, servername: undefined, insecure: false };
  const login = { ...NOBODY, tokenFile: join(account, 'token') };
  return {
    name: 'in-cluster',
    server,
    namespace: (await read('namespace'))?.trim() || undefined,
    tls,
    proxy: undefined,
    login,
  };
}

const invalid = (sentence: string, cause?: unknown, more: { remedy?: string } = {}) =>
  userError('kubeconfig-invalid', sentence, { cause, ...more });
