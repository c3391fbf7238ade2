/** The variables of a process; undefined means not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Variables of git that say how to reach a remote, and nothing else. All others are dropped: a `GIT_DIR` or
 * `GIT_INDEX_FILE` that leaks in from a hook would send every command to another repository.
 */
const KEPT = new Set([
  'GIT_EXEC_PATH',
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSH_VARIANT',
  'GIT_ASKPASS',
  'GIT_SSL_CAINFO',
  'GIT_SSL_CAPATH',
  'GIT_SSL_CERT',
  'GIT_SSL_KEY',
  'GIT_SSL_NO_VERIFY',
  'GIT_SSL_VERSION',
  'GIT_PROXY_COMMAND',
  'GIT_HTTP_PROXY_AUTHMETHOD',
]);
/** Where git finds the user's own settings; needed to reach a remote (proxies, certificates), never to read objects. */
const USER_SETTINGS = new Set(['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']);

const MAX_USER_SETTINGS = 100;

/** Secrets of an action that git and the programs it starts have no use for. */
const PRIVATE = /^(INPUT_|ACTIONS_|STATE_)/;

/** One setting of git: key and value. */
export type Setting = readonly [key: string, value: string];

const ALWAYS: readonly Setting[] = [
  // In a container the checkout belongs to another user than the one who runs this.
  ['safe.directory', '*'],
  // Neither the user's hooks nor those of a template may run here.
  ['core.hooksPath', '/dev/null'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // What is written goes to repositories of our own, which need not outlive a loss of power.
  ['core.fsync', 'none'],
];

/**
 * Variables for commands that read what is on the disk: no user settings, no network, the same answer everywhere.
 *
 * @param settingsFile what stands in place of the user's settings
 */
export function localEnvironment(given: Environment, settingsFile: string): Environment {
  return {
    ...common(given, KEPT),
    ...settings(ALWAYS),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: settingsFile,
    // A partial clone would otherwise fetch single objects in the midst of a command.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
}

/**
 * Settings of our own in place of the user's. Git before 2.38 believes `safe.directory` only from a file, and not from
 * the environment (git-config(1), "protected configuration").
 */
export const OWN_SETTINGS = '[safe]\n\tdirectory = *\n';

/** Variables for commands that speak with a remote: the user's proxies and certificates count, and the credentials given. */
export function networkEnvironment(given: Environment, credentials: readonly Setting[]): Environment {
  const all = [...settingsOf(given), ...ALWAYS, ...credentials];
  return { ...common(given, new Set([...KEPT, ...USER_SETTINGS])), ...settings(all) };
}

/** Variables for commands that must know the user's settings to say what is on the disk: no network, no credentials. */
export function userEnvironment(given: Environment): Environment {
  return { ...networkEnvironment(given, []), GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' };
}

/**
 * Credentials for one server, as actions/checkout hands them to git: a header of HTTP basic authentication.
 * They travel in the environment (git-config(1), GIT_CONFIG_COUNT), so they are in no argument list and in no file.
 *
 * @param serverUrl such as `https://github.com`
 */
export function tokenSettings(token: string | undefined, serverUrl: string): readonly Setting[] {
  if (token === undefined || token === '') return [];
  const key = `http.${serverUrl.replace(/\/+$/, '')}/.extraheader`;
  // The empty value clears a header that the user's settings may have for this server: two would be refused.
  return [
    [key, ''],
    [key, `AUTHORIZATION: basic ${basicToken(token)}`],
  ];
}

/** What stands in the header instead of the token itself; as secret as the token. */
export const basicToken = (token: string): string => Buffer.from(`x-access-token:${token}`).toString('base64');

function common(given: Environment, kept: ReadonlySet<string>): Environment {
  const passed = Object.entries(given).filter(
    ([name]) => !PRIVATE.test(name) && (kept.has(name) || !name.startsWith('GIT_')),
  );
  return {
    ...Object.fromEntries(passed),
    LC_ALL: 'C',
    LANGUAGE: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GCM_INTERACTIVE: 'never',
    GIT_OPTIONAL_LOCKS: '0',
    // What a commit holds is what it was made with, not what a replacement says.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_PAGER: 'cat',
  };
}

/** Settings that the user's own steps hand to git in the environment, such as a mirror (`url.….insteadOf`). */
function settingsOf(given: Environment): readonly Setting[] {
  const count = Math.min(MAX_USER_SETTINGS, Number(given['GIT_CONFIG_COUNT'] ?? 0) || 0);
  return Array.from(
    { length: count },
    (_, index): Setting => [given[`GIT_CONFIG_KEY_${index}`] ?? '', given[`GIT_CONFIG_VALUE_${index}`] ?? ''],
  ).filter(([key]) => key !== '');
}

function settings(list: readonly Setting[]): Environment {
  const numbered = list.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key] as const,
    [`GIT_CONFIG_VALUE_${index}`, value] as const,
  ]);
  return { GIT_CONFIG_COUNT: String(list.length), ...Object.fromEntries(numbered) };
}
