import type { KeyObject } from 'node:crypto';
import { posix } from 'node:path';
import {
  attestationVerifier,
  keyVerifier,
  mustBePair,
  readPrivateKey,
  readPublicKey,
  type Trust,
} from '../build/index.ts';
import type { World } from '../io/runner/index.ts';
import { type Checkout, type ImageSettings, problem, type Registry, type Reuse, type Service } from '../model/index.ts';

/** A public key of the repository. */
export interface ReuseKey {
  readonly key: KeyObject;
  /** Path from the root. */
  readonly path: string;
}

/**
 * The public key of `reuse-key`, as the default branch has it: a pull request that brings a key of its own is not believed
 * by it. Gives a clause for people when there is none. Throws `config-invalid` for a file that is no key.
 */
export async function findReuseKey(
  service: Pick<Service, 'path' | 'image'>,
  checkout: Checkout,
  { run }: World,
): Promise<ReuseKey | string> {
  const { reuseKey } = service.image;
  if (reuseKey === undefined) return 'there is no `image.reuse-key` to verify with.';
  const branch = run.defaultBranch;
  const commit = await checkout.resolve(`refs/heads/${branch}`);
  if (commit === undefined) return `the branch ${branch}, whose key counts, could not be read.`;
  const files = checkout.at(commit);
  const own = posix.normalize(posix.join(service.path, reuseKey.public));
  for (const path of new Set([own, posix.normalize(reuseKey.public)])) {
    const text = await files.read(path.replace(/^\//, ''));
    if (text !== undefined) return { key: readPublicKey(text, path), path };
  }
  return `the branch ${branch} has no ${own}, which \`image.reuse-key\` names.`;
}

/** Sigstore's public instance knows runs of this server only. */
const GITHUB = 'https://github.com';

/** Whose images are taken in this run. */
export function trustOf(reuse: Reuse, reuseKey: ReuseKey | string, registry: Registry, { run }: World): Trust {
  if (reuse !== 'verified') return { kind: 'anyone' };
  const byKey = typeof reuseKey === 'string' ? [] : [keyVerifier(registry, reuseKey.key, reuseKey.path)];
  const runs = { repository: `${run.serverUrl}/${run.repository}`, branch: run.defaultBranch };
  const byRun = run.serverUrl === GITHUB ? [attestationVerifier(registry, runs)] : [];
  return { kind: 'proven', verifiers: [...byKey, ...byRun], why: typeof reuseKey === 'string' ? reuseKey : '' };
}

/**
 * The private key to sign with; undefined when none is configured, or this run was given none, which is told. What a pull
 * request makes is signed in no case: its author has a say in everything that the run does. Throws `config-invalid`.
 */
export async function findSigningKey(
  { reuseKey: configured }: ImageSettings,
  reuseKey: ReuseKey | string,
  { env, learn, log, run }: World,
): Promise<KeyObject | undefined> {
  const name = configured?.private?.env;
  if (name === undefined || run.trigger.kind === 'pull-request') return undefined;
  const pem = env[name] ?? '';
  if (pem.trim() === '') {
    log.notice(problem('signing-key-missing', `The image is not signed: the environment of this step has no ${name}.`));
    return undefined;
  }
  learn(pem);
  const password = env['COSIGN_PASSWORD'] ?? '';
  if (password !== '') learn(password);
  const key = await readPrivateKey(pem, password, `in the variable ${name}`);
  if (typeof reuseKey !== 'string') mustBePair(key, reuseKey.key, reuseKey.path);
  return key;
}
