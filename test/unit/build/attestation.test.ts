import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { attestationVerifier } from '../../../shared/build/index.ts';
import { BUNDLE_MEDIA } from '../../../shared/build/trust/dsse.ts';
import { attach } from '../../../shared/build/trust/referrer.ts';
import { isOfBranch, type RunIdentity, runIdentity } from '../../../shared/build/trust/run-identity.ts';
import { verifyBundle } from '../../../shared/build/trust/sigstore.ts';
import { SIGSTORE_ROOT } from '../../../shared/build/trust/sigstore-root.ts';
import { pushSample, worldsOfTests } from '../../support/registry-world.ts';

const RUNS = { repository: 'https://github.com/acme/shop', branch: 'main' };
const contentKey = { value: 'c'.repeat(64), parts: {} };
const fixture = (name: string) => readFile(join(process.cwd(), 'test/fixtures/attestations', `${name}.json`), 'utf8');
const trustedRoot = async (): Promise<unknown> => JSON.parse(await fixture('trusted-root'));
const start = worldsOfTests();

/** Whether an image with one recorded bundle beside it is proven. */
async function proofOf(bundle: string, text = 'one', root?: unknown) {
  const world = await start();
  const { digest } = await pushSample(world.client, world.at('acme/api'), text);
  const image = { repository: world.at('acme/api'), digest };
  await attach(world.client, image, { mediaType: BUNDLE_MEDIA, bytes: Buffer.from(bundle), annotations: {} });
  return attestationVerifier(world.client, RUNS, root ?? (await trustedRoot())).prove(image, contentKey);
}

describe('attestations of runs', () => {
  test.each(['push', 'keyless'])('of the default branch prove an image: %s', async (name) => {
    expect(await proofOf(await fixture(name))).toEqual({ kind: 'proven', by: 'an attestation of a run of main' });
  });

  test.each(['pull-request-target', 'other-branch', 'other-repository', 'other-issuer', 'scan'])(
    'U14: of others, or about something else, prove nothing: %s',
    async (name) => {
      expect((await proofOf(await fixture(name))).kind).toBe('unproven');
    },
  );

  test('of one image prove no other', async () => {
    expect((await proofOf(await fixture('push'), 'two')).kind).toBe('unproven');
  });

  test('that were changed, or are of an authority that is not believed, prove nothing', async () => {
    const good = await fixture('push');
    expect((await proofOf(good, 'one', SIGSTORE_ROOT)).kind).toBe('unproven');
    const bundle = JSON.parse(good) as { dsseEnvelope: { payload: string; signatures: { sig: string }[] } };
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8');
    const forged = Buffer.from(payload.replace('"predicate":{}', '"predicate":{"x":1}')).toString('base64');
    const changed = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload: forged } };
    const unlogged = JSON.parse(good) as { verificationMaterial: { tlogEntries: unknown[] } };
    unlogged.verificationMaterial.tlogEntries = [];
    for (const it of [changed, unlogged]) expect((await proofOf(JSON.stringify(it))).kind).toBe('unproven');
  });

  test('whatever is attached, it is an answer and no error', async () => {
    for (const it of [{}, null, 7, { verificationMaterial: { certificate: {} } }, { mediaType: 'x', dsseEnvelope: {} }])
      expect(verifyBundle(it, await trustedRoot())).toBeUndefined();
  });
});

describe('a run of the default branch', () => {
  test.each([20, 127, 128, 200])('is read from its certificate, however long a name of %d bytes', (length) => {
    const text = Buffer.from('x'.repeat(length));
    const head = length < 128 ? [0x0c, length] : [0x0c, 0x81, length];
    const value = (bytes: Buffer) => ({ oids: [{ oid: { id: [1, 3, 6, 1, 4, 1, 57264, 1, 12] }, value: bytes }] });
    expect(runIdentity(value(Buffer.concat([Buffer.from(head), text]))).repository).toBe(text.toString());
    expect(runIdentity(value(Buffer.concat([Buffer.from(head), text, Buffer.from('x')]))).repository).toBeUndefined();
  });

  const run: RunIdentity = {
    issuer: 'https://token.actions.githubusercontent.com',
    repository: 'https://github.com/Acme/shop',
    ref: 'refs/heads/main',
    trigger: 'push',
  };
  test.each<[string, Partial<RunIdentity>, boolean]>([
    ['push', {}, true],
    ['schedule', { trigger: 'schedule' }, true],
    ['by hand', { trigger: 'workflow_dispatch' }, true],
    ['pull_request', { trigger: 'pull_request' }, false],
    ['issue_comment', { trigger: 'issue_comment' }, false],
    ['workflow_run', { trigger: 'workflow_run' }, false],
    ['nothing said', { trigger: undefined }, false],
    ['a tag of that name', { ref: 'refs/tags/main' }, false],
    ['a repository that begins alike', { repository: 'https://github.com/acme/shop-2' }, false],
  ])('%s', (_name, more, expected) => {
    expect(isOfBranch({ ...run, ...more }, RUNS.repository, 'main')).toBe(expected);
  });
});
