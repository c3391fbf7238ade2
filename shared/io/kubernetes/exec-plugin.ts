import { execFile } from 'node:child_process';
import * as z from 'zod';
import { formatIssue, oneLine, parseJson, userError } from '../../model/index.ts';
import { isErrno } from '../disk.ts';
import type { ClientCertificate, ExecPlugin } from './access.ts';

/*
 * Credential plugins, after https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 * and the API client.authentication.k8s.io/v1 (v1beta1 has the same fields).
 */

/** A login of a cloud takes some seconds; whoever waits longer waits for a person. */
const LONGEST_MS = 60_000;
const LONGEST_OUTPUT = 1024 * 1024;
const STDERR_SHOWN = 500;
const VERSIONS: ReadonlySet<string> = new Set([
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
]);

const answer = z.object({
  kind: z.literal('ExecCredential'),
  apiVersion: z.string(),
  status: z.object({
    expirationTimestamp: z.string().nullish(),
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
  }),
});

export interface GivenCredential {
  readonly token: string | undefined;
  readonly certificate: ClientCertificate | undefined;
  /** Milliseconds since 1970; undefined: as long as the process runs. */
  readonly expires: number | undefined;
}

/**
 * Asks the program once. Throws `kubeconfig-invalid` for one that cannot be used, `target-denied` when it refuses.
 *
 * @param env the environment it runs in; what the kubeconfig adds comes over it
 */
export async function askPlugin(
  plugin: ExecPlugin,
  env: Readonly<Record<string, string | undefined>>,
): Promise<GivenCredential> {
  if (!VERSIONS.has(plugin.apiVersion)) {
    throw userError(
      'kubeconfig-invalid',
      `The credential plugin ${plugin.command} speaks ${plugin.apiVersion}, which is withdrawn.`,
      {
        remedy: 'Write the kubeconfig anew with a current version of the tool of your cloud.',
      },
    );
  }
  return read(plugin, await run(plugin, env));
}

function run(plugin: ExecPlugin, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const spec = { interactive: false, ...(plugin.cluster === undefined ? {} : { cluster: plugin.cluster }) };
  const info = JSON.stringify({ kind: 'ExecCredential', apiVersion: plugin.apiVersion, spec });
  const options = {
    env: { ...env, ...plugin.env, KUBERNETES_EXEC_INFO: info },
    timeout: LONGEST_MS,
    maxBuffer: LONGEST_OUTPUT,
    killSignal: 'SIGKILL',
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(plugin.command, [...plugin.args], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(isErrno(error, 'ENOENT') ? notThere(plugin) : refused(plugin, stderr, error));
    });
    child.stdin?.end();
  });
}

function notThere({ command, installHint }: ExecPlugin): Error {
  return userError('kubeconfig-invalid', `The credential plugin ${command} of the kubeconfig is not installed here.`, {
    remedy: installHint === undefined ? `Install ${command} before this step.` : oneLine(installHint, STDERR_SHOWN),
  });
}

function refused({ command }: ExecPlugin, stderr: string, error: Error & { killed?: boolean }): Error {
  const why = error.killed ? `it did not answer within ${LONGEST_MS / 1_000} s` : oneLine(stderr, STDERR_SHOWN);
  return userError(
    'target-denied',
    `The credential plugin ${command} gave no credentials: ${why || 'it said nothing'}.`,
    {
      remedy: 'Log in to the cloud before this step, with rights to this cluster.',
    },
  );
}

function read({ command }: ExecPlugin, stdout: string): GivenCredential {
  const parsed = answer.safeParse(parseJson(stdout));
  if (!parsed.success) {
    // Its output is left out: it is made of secrets.
    const what = formatIssue(parsed.error.issues[0]);
    throw userError('kubeconfig-invalid', `The credential plugin ${command} printed no ExecCredential: ${what}.`);
  }
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = parsed.data.status;
  const expires = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.NaN;
  return {
    token: token || undefined,
    certificate: cert && key ? { cert, key } : undefined,
    expires: Number.isNaN(expires) ? undefined : expires,
  };
}
