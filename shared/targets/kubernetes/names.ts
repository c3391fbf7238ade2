import { userError } from '../../model/index.ts';

/*
 * What is written into a cluster, version 1. All names are below one prefix; none holds a secret.
 *
 * On the workload (its metadata, never its pod template, so that none of it starts a pod):
 *   sequence   number of the lease that wrote last: a lower one may not write any more
 *   event      event of the deploy that is live
 *   version    its version, and
 *   commit     its source commit, for people
 *   container  the one that gets the image
 *   before     images that were there before the first deploy of this program, as JSON: container → image
 *   pace       strategy that was set aside for a rollback in one wave, as JSON
 *   removed    replicas that were there when it was taken down (or `suspended`)
 *
 * On the Lease `slipway-<kind>-<name>` (coordination.k8s.io/v1; its `leaseTransitions` is the sequence):
 *   intent     what a deploy is about to do, and how far it came, as JSON; empty: nothing
 *   stream     what the stream of the ledger said when a deploy had last ended, as JSON
 *   owner-url  where the holder runs, for people
 *   nonce      of the acquisition, by which its writer knows it again
 */
export const PREFIX = 'slipway-actions.github.io/';
export const FIELD_MANAGER = 'slipway';

export type Note =
  | 'sequence'
  | 'event'
  | 'version'
  | 'commit'
  | 'before'
  | 'container'
  | 'pace'
  | 'removed'
  | 'intent'
  | 'stream'
  | 'owner-url'
  | 'nonce';

export const noteKey = (name: Note): string => `${PREFIX}${name}`;

/** A JSON pointer (RFC 6901) to a note of an object. */
export const notePath = (name: Note): string => `/metadata/annotations/${pointerPart(noteKey(name))}`;

export const pointerPart = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1');

/** A step of a JSON patch (RFC 6902). */
export type PatchStep =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export const JSON_PATCH = 'application/json-patch+json';

const NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Throws `config-invalid` for what Kubernetes does not take as a name. */
export function checkedName(name: string, what: string): string {
  if (NAME.test(name)) return name;
  throw userError('config-invalid', `${what} ${JSON.stringify(name.slice(0, 100))} is no name of Kubernetes.`, {
    remedy: 'Set `deploy.target.workload`, such as `deployment/checkout`: lower case, digits, `-` and `.`.',
  });
}
