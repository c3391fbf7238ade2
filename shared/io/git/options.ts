import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Redact, redactor } from '../../model/index.ts';
import { isErrno } from '../disk.ts';
import {
  basicToken,
  type Environment,
  localEnvironment,
  networkEnvironment,
  OWN_SETTINGS,
  type Setting,
  tokenSettings,
  userEnvironment,
} from './environment.ts';
import { type GitPlace, LOCAL_TIMEOUT_MS, MAX_OUTPUT_BYTES, NETWORK_TIMEOUT_MS } from './place.ts';

const DEFAULT_SERVER = 'https://github.com';

/** What every use of git needs to know of its surroundings. */
export interface GitOptions {
  /** The variables of this process; those that would lead git astray are left out. */
  readonly environment: Environment;
  /** For `serverUrl` only. Without one, git uses what the checkout or the user's settings have. */
  readonly token?: string | undefined;
  /** Server that the token is for; default `https://github.com`. */
  readonly serverUrl?: string | undefined;
  /** A folder for repositories of our own, such as RUNNER_TEMP; whoever gives it clears it. */
  readonly scratch: string;
}

/** Makes the places in which commands run. */
export interface Places {
  readonly redact: Redact;
  /** A work tree of the user's; no network. */
  readonly workTree: (directory: string) => GitPlace;
  /** A work tree of the user's, with the user's settings; no network. */
  readonly asUser: (directory: string) => GitPlace;
  /** A repository of our own; no network. */
  readonly bare: (gitDirectory: string) => GitPlace;
  /** A repository of our own, with a remote. `more`: settings on how to reach it, before those of the token. */
  readonly online: (gitDirectory: string, more?: readonly Setting[]) => GitPlace;
}

/** @param hidden secrets beside the token, such as the credentials in a URL */
export function placesOf(options: GitOptions, hidden: readonly string[] = []): Places {
  const token = options.token === undefined ? [] : [options.token, basicToken(options.token)];
  const secrets = [...token, ...hidden];
  const redact = redactor(secrets);
  const credentials = tokenSettings(options.token, options.serverUrl ?? DEFAULT_SERVER);
  const bounds = { maxOutputBytes: MAX_OUTPUT_BYTES, redact };
  const local = {
    ...bounds,
    environment: localEnvironment(options.environment, ownSettings(options)),
    timeoutMs: LOCAL_TIMEOUT_MS,
    scratch: options.scratch,
  };
  return {
    redact,
    workTree: (directory) => ({ ...local, options: ['-C', directory] }),
    asUser: (directory) => ({
      ...local,
      environment: userEnvironment(options.environment),
      options: ['-C', directory],
    }),
    bare: (gitDirectory) => ({ ...local, options: [`--git-dir=${gitDirectory}`] }),
    online: (gitDirectory, more = []) => ({
      ...bounds,
      options: [`--git-dir=${gitDirectory}`],
      environment: networkEnvironment(options.environment, [...more, ...credentials]),
      timeoutMs: NETWORK_TIMEOUT_MS,
      redact: more.length === 0 ? redact : redactor([...secrets, ...more.flatMap(secretsOf)]),
    }),
  };
}

/** The file of our own settings; written once, since commands that read it may be running already. */
function ownSettings({ scratch }: GitOptions): string {
  const file = join(scratch, 'slipway.gitconfig');
  try {
    writeFileSync(file, OWN_SETTINGS, { flag: 'wx' });
  } catch (thrown) {
    if (!isErrno(thrown, 'EEXIST')) throw thrown;
  }
  return file;
}

/** A folder of its own within the scratch folder, so that two stores never meet. */
export const ownFolder = (options: GitOptions): string => mkdtempSync(join(options.scratch, 'slipway-git-'));

function secretsOf([key, value]: Setting): readonly string[] {
  return /extraheader$/i.test(key) ? [value, value.split(' ').at(-1) ?? ''] : [];
}
