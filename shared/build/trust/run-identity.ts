import { isRecord } from '../../model/index.ts';

/** Who GitHub's tokens are of, in certificates of Sigstore. */
const ISSUER = 'https://token.actions.githubusercontent.com';
/** Extensions of a certificate that say which run it was given to (sigstore/fulcio, docs/oid-info.md). */
const REPOSITORY = '1.3.6.1.4.1.57264.1.12';
const REF = '1.3.6.1.4.1.57264.1.14';
const TRIGGER = '1.3.6.1.4.1.57264.1.20';
/** What starts runs of the branch's own code. `pull_request_target` and the like run at its ref too, but others have a say in them. */
const TRIGGERS: ReadonlySet<string> = new Set(['push', 'schedule', 'workflow_dispatch']);

/** A UTF-8 string in DER (X.690, 8.23), and the mark of a length that has a byte of its own (8.1.3.5). */
const UTF8_STRING = 0x0c;
const LONG = 0x81;

/** A run of GitHub Actions that signed something, as its certificate has it. */
export interface RunIdentity {
  readonly issuer: string | undefined;
  /** Address of the repository, such as `https://github.com/acme/shop`. */
  readonly repository: string | undefined;
  readonly ref: string | undefined;
  readonly trigger: string | undefined;
}

/** Reads who signed from what the library of Sigstore found in a certificate that it has verified. */
export function runIdentity(identity: unknown): RunIdentity {
  const it = isRecord(identity) ? identity : {};
  const extensions = isRecord(it['extensions']) ? it['extensions'] : {};
  const values = new Map(Array.isArray(it['oids']) ? it['oids'].flatMap(readExtension) : []);
  const issuer = extensions['issuer'];
  return {
    issuer: typeof issuer === 'string' ? issuer : undefined,
    repository: values.get(REPOSITORY),
    ref: values.get(REF),
    trigger: values.get(TRIGGER),
  };
}

/** Whether a run was one of the default branch's own. */
export function isOfBranch(run: RunIdentity, repository: string, branch: string): boolean {
  const { issuer, ref, trigger } = run;
  return (
    issuer === ISSUER &&
    run.repository?.toLowerCase() === repository.toLowerCase() &&
    ref === `refs/heads/${branch}` &&
    TRIGGERS.has(trigger ?? '')
  );
}

function readExtension(entry: unknown): readonly (readonly [string, string])[] {
  const oid = isRecord(entry) && isRecord(entry['oid']) ? entry['oid']['id'] : undefined;
  const value = isRecord(entry) ? entry['value'] : undefined;
  if (!Array.isArray(oid) || !Buffer.isBuffer(value) || value[0] !== UTF8_STRING) return [];
  const head = value[1] === LONG ? 3 : 2;
  return value[head - 1] === value.length - head ? [[oid.join('.'), value.subarray(head).toString('utf8')]] : [];
}
