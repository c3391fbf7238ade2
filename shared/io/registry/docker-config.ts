import { type ExecFileException, execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clip, isRecord, messageOf, parseJson } from '../../model/index.ts';
import { isErrno } from '../disk.ts';

/** How to prove who one is to a registry. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** A token that is exchanged for others (`identitytoken`, OAuth2 refresh token). */
  | { readonly kind: 'identity'; readonly token: string };

const HELPER_TIMEOUT_MS = 30_000;
const HELPER_OUTPUT = 64 * 1024;
/** Characters of a helper's words that are shown. */
const WORDS_SHOWN = 300;
const HUB = 'docker.io';
/** The name under which Docker keeps the credentials of its own registry. */
const HUB_SERVER = 'https://index.docker.io/v1/';
/** What a helper answers as the user when the secret is an identity token (docker/cli, credentials/native_store.go). */
const TOKEN_USER = '<token>';

/**
 * Reads credentials as Docker's command line keeps them: `config.json` in DOCKER_CONFIG or `~/.docker`, with `auths`,
 * `credHelpers` and `credsStore`. Everything that is wrong with it is warned of, and then there are none.
 */
export class DockerConfig {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #warn: (line: string) => void;
  readonly #patienceMs: number;
  #file: Promise<Record<string, unknown>> | undefined;
  readonly #known = new Map<string, Promise<Credentials | undefined>>();

  /** @param patienceMs how long a helper may take */
  constructor(
    env: Readonly<Record<string, string | undefined>>,
    warn: (line: string) => void,
    patienceMs = HELPER_TIMEOUT_MS,
  ) {
    this.#env = env;
    this.#warn = warn;
    this.#patienceMs = patienceMs;
  }

  /** Credentials of a host; undefined when nobody logged in. Asked for once. */
  credentials(host: string): Promise<Credentials | undefined> {
    const known = this.#known.get(host) ?? this.#find(host);
    this.#known.set(host, known);
    return known;
  }

  async #find(host: string): Promise<Credentials | undefined> {
    this.#file ??= this.#read();
    const config = await this.#file;
    const server = host === HUB ? HUB_SERVER : host;
    const helper = helperFor(config, host, server);
    return (helper === undefined ? undefined : await this.#ask(helper, server)) ?? fromAuths(config['auths'], host);
  }

  async #read(): Promise<Record<string, unknown>> {
    const path = this.#path();
    if (path === undefined) return {};
    try {
      const value = parseJson(await readFile(path, 'utf8'));
      if (isRecord(value)) return value;
      this.#warn(`${path} is no JSON object, so there are no registry credentials.`);
    } catch (error) {
      if (!isErrno(error, 'ENOENT', 'ENOTDIR'))
        this.#warn(`${path} cannot be read (${messageOf(error)}), so there are no registry credentials.`);
    }
    return {};
  }

  #path(): string | undefined {
    const { DOCKER_CONFIG: folder, HOME: home } = this.#env;
    if (folder !== undefined && folder !== '') return join(folder, 'config.json');
    return home === undefined || home === '' ? undefined : join(home, '.docker', 'config.json');
  }

  async #ask(helper: string, server: string): Promise<Credentials | undefined> {
    try {
      return fromHelper(await runHelper(helper, server, this.#env, this.#patienceMs));
    } catch (error) {
      const text = messageOf(error);
      if (!/credentials not found/i.test(text))
        this.#warn(`docker-credential-${helper} gave no credentials for ${server}: ${text}`);
      return undefined;
    }
  }
}

function helperFor(config: Record<string, unknown>, host: string, server: string): string | undefined {
  const helpers = isRecord(config['credHelpers']) ? config['credHelpers'] : {};
  const name = helpers[host] ?? helpers[server] ?? config['credsStore'];
  return typeof name === 'string' && /^[\w.-]+$/.test(name) ? name : undefined;
}

/** Keys are hosts, or URLs of them with paths of old: `https://index.docker.io/v1/`. */
function fromAuths(auths: unknown, host: string): Credentials | undefined {
  if (!isRecord(auths)) return undefined;
  const wanted = host === HUB ? 'index.docker.io' : host;
  const key = [host, ...Object.keys(auths).filter((name) => hostOf(name) === wanted)].find((name) =>
    Object.hasOwn(auths, name),
  );
  const entry = key === undefined ? undefined : auths[key];
  return isRecord(entry) ? fromEntry(entry) : undefined;
}

const hostOf = (key: string): string =>
  key
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();

function fromEntry(entry: Record<string, unknown>): Credentials | undefined {
  const { identitytoken, auth, username, password } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '') return { kind: 'identity', token: identitytoken };
  if (typeof auth === 'string' && auth !== '') return fromPair(Buffer.from(auth, 'base64').toString('utf8'));
  if (typeof username !== 'string' || typeof password !== 'string' || username === '') return undefined;
  return { kind: 'password', user: username, password };
}

function fromPair(pair: string): Credentials | undefined {
  const colon = pair.indexOf(':');
  // Old clients padded the pair with zero bytes.
  return colon < 1
    ? undefined
    : { kind: 'password', user: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') };
}

function fromHelper(answer: string): Credentials | undefined {
  const value = parseJson(answer);
  if (!isRecord(value)) throw new Error('its answer is no JSON object');
  const { Username: user, Secret: secret } = value;
  if (typeof user !== 'string' || typeof secret !== 'string' || secret === '') return undefined;
  return user === TOKEN_USER ? { kind: 'identity', token: secret } : { kind: 'password', user, password: secret };
}

/** The protocol of docker/docker-credential-helpers: the server goes in, JSON or an error text comes out. */
function runHelper(
  helper: string,
  server: string,
  env: Readonly<Record<string, string | undefined>>,
  timeout: number,
): Promise<string> {
  const options = { env: { ...env }, timeout, maxBuffer: HELPER_OUTPUT, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(helperFault(error, stdout, stderr)));
    });
    child.stdin?.on('error', () => undefined); // A helper that does not read ends by itself, and says why.
    child.stdin?.end(server);
  });
}

function helperFault(error: ExecFileException, stdout: string, stderr: string): string {
  // What it wrote may be a part of a secret.
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'its answer is too long';
  if (error.killed === true) return 'it did not answer in time';
  // By the protocol the text stands on stdout.
  return firstLine(stdout) || firstLine(stderr) || firstLine(error.message);
}

const firstLine = (text: string): string => clip(text.trim().split('\n')[0] ?? '', WORDS_SHOWN);
