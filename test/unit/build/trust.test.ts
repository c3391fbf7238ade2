import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { keyVerifier, mustBePair, readPrivateKey, readPublicKey, signImage } from '../../../shared/build/index.ts';
import { BUNDLE_MEDIA, signStatement, verifiedStatement } from '../../../shared/build/trust/dsse.ts';
import { attach } from '../../../shared/build/trust/referrer.ts';
import { vouchesFor, vouchFor } from '../../../shared/build/trust/statement.ts';
import { parseJson } from '../../../shared/model/index.ts';
import { pushSample, worldsOfTests } from '../../support/registry-world.ts';
import { failure } from './world.ts';

const pair = (namedCurve = 'prime256v1') => generateKeyPairSync('ec', { namedCurve });
const contentKey = { value: 'c'.repeat(64), parts: {} };
const otherKey = { value: 'd'.repeat(64), parts: {} };
const DIGEST = `sha256:${'a'.repeat(64)}` as const;
const fixture = (name: string) => readFile(join(process.cwd(), 'test/fixtures/keys', name), 'utf8');
const start = worldsOfTests();

async function image() {
  const world = await start();
  const { digest } = await pushSample(world.client, world.at('acme/api'), 'one');
  return { world, image: { repository: world.at('acme/api'), digest } };
}

describe('keys', () => {
  test.each([
    ['empty', ''],
    ['sealed', 'open-sesame'],
  ])('as cosign writes them: %s', async (name, password) => {
    const key = await readPrivateKey(await fixture(`${name}.key`), password, 'here');
    const publicKey = readPublicKey(await fixture(`${name}.pub`), 'there');
    expect(() => mustBePair(key, publicKey, 'there')).not.toThrow();
  });

  test.each<[string, () => string | Buffer]>([
    ['PKCS #8', () => pair().privateKey.export({ format: 'pem', type: 'pkcs8' })],
    ['SEC 1', () => pair('secp384r1').privateKey.export({ format: 'pem', type: 'sec1' })],
    [
      'RSA',
      () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs1' }),
    ],
  ])('in PEM without a password: %s', async (_name, pem) => {
    expect((await readPrivateKey(String(pem()), '', 'here')).type).toBe('private');
  });

  test.each<[string, () => Promise<string>, string, RegExp]>([
    ['a wrong password', () => fixture('sealed.key'), 'nope', /the password in `COSIGN_PASSWORD` does not open it/],
    ['no key', () => Promise.resolve('hello'), '', /The key here cannot be used/],
    [
      'another kind',
      () => Promise.resolve(String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))),
      '',
      /of the kind ed25519/,
    ],
    [
      'costs that would keep us busy',
      async () =>
        seal({
          ...unseal(await fixture('empty.key')),
          kdf: { name: 'scrypt', params: { N: 2 ** 30, r: 8, p: 1 }, salt: 'AAAA' },
        }),
      '',
      /encrypted in a way that cosign does not have/,
    ],
  ])('%s is told, and nothing of the key with it', async (_name, pem, password, why) => {
    const text = await pem();
    const error = await failure(readPrivateKey(text, password, 'here'));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toMatch(why);
    expect(error.message).not.toContain(text.split('\n')[1] ?? text);
  });

  test('a private key where the public one belongs is refused, and so is one that is of another pair', async () => {
    const pem = String(pair().privateKey.export({ format: 'pem', type: 'pkcs8' }));
    expect(() => readPublicKey(pem, '.slipway/reuse.pub')).toThrow(/it is a private key/);
    expect(() => mustBePair(pair().privateKey, pair().publicKey, 'a.pub')).toThrow(/not the other half of a.pub/);
  });
});

describe('a signed statement', () => {
  const bundleOf = (key: KeyObject, statement = vouchFor(DIGEST, contentKey)) =>
    parseJson(signStatement(statement, key).toString('utf8'));

  test.each(['prime256v1', 'secp384r1', 'secp521r1'])('%s: is read back by the other half alone', (curve) => {
    const { privateKey, publicKey } = pair(curve);
    const bundle = bundleOf(privateKey);
    expect(verifiedStatement(bundle, publicKey)).toBe(vouchFor(DIGEST, contentKey));
    expect(verifiedStatement(bundle, pair(curve).publicKey)).toBeUndefined();
  });

  test('that was changed in any byte is none', () => {
    const { privateKey, publicKey } = pair();
    const text = signStatement(vouchFor(DIGEST, contentKey), privateKey).toString('utf8');
    const forged = Buffer.from(vouchFor(DIGEST, otherKey)).toString('base64');
    const bundle = JSON.parse(text) as { dsseEnvelope: { payload: string; payloadType: string } };
    const changed = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload: forged } };
    const retyped = { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payloadType: 'text/plain' } };
    for (const it of [changed, retyped, {}, null, 'x', { mediaType: 7 }])
      expect(verifiedStatement(it, publicKey)).toBeUndefined();
  });

  test.each<[string, string, boolean]>([
    ['the image and its key', vouchFor(DIGEST, contentKey), true],
    ['another key', vouchFor(DIGEST, otherKey), false],
    ['another image', vouchFor(`sha256:${'b'.repeat(64)}`, contentKey), false],
    ['the image alone, as cosign does', statement({}), true],
    ['annotations that are null', statement({}, { annotations: null }), true],
    ['something else than that it is good', statement({ predicateType: 'https://slsa.dev/provenance/v1' }), false],
    ['no statement', '{}', false],
    ['no JSON', 'x', false],
  ])('vouches for %s', (_name, text, expected) => {
    expect(vouchesFor(text, DIGEST, contentKey)).toBe(expected);
  });
});

describe('signatures of an image', () => {
  test('are attached to it, and prove it by the key alone, whatever else is attached', async () => {
    const { world, image: it } = await image();
    const { privateKey, publicKey } = pair();
    const verifier = keyVerifier(world.client, publicKey, 'a.pub');
    expect(await verifier.prove(it, contentKey)).toEqual({
      kind: 'unproven',
      why: `${it.digest} has no signature of the key a.pub.`,
    });
    await signImage(world.client, it, contentKey, pair().privateKey);
    const junk = { mediaType: BUNDLE_MEDIA, bytes: Buffer.from('no json'), annotations: {} };
    await attach(world.client, it, junk);
    expect((await verifier.prove(it, contentKey)).kind).toBe('unproven');
    await signImage(world.client, it, contentKey, privateKey);
    expect(await verifier.prove(it, contentKey)).toEqual({ kind: 'proven', by: 'the key a.pub' });
    expect((await verifier.prove(it, otherKey)).kind).toBe('unproven');
  });

  test('of one image do not prove another one that they are attached to', async () => {
    const { world, image: it } = await image();
    const { privateKey, publicKey } = pair();
    const { digest } = await pushSample(world.client, it.repository, 'two');
    const other = { ...it, digest };
    const bytes = signStatement(vouchFor(it.digest, contentKey), privateKey);
    await attach(world.client, other, { mediaType: BUNDLE_MEDIA, bytes, annotations: {} });
    expect((await keyVerifier(world.client, publicKey, 'a.pub').prove(other, contentKey)).kind).toBe('unproven');
  });

  test('are the same in another repository', async () => {
    const { world, image: it } = await image();
    const { privateKey, publicKey } = pair();
    const elsewhere = { ...it, repository: world.at('acme/mirror') };
    await pushSample(world.client, elsewhere.repository, 'one');
    const bytes = signStatement(vouchFor(it.digest, contentKey), privateKey);
    await attach(world.client, elsewhere, { mediaType: BUNDLE_MEDIA, bytes, annotations: {} });
    expect((await keyVerifier(world.client, publicKey, 'a.pub').prove(elsewhere, contentKey)).kind).toBe('proven');
  });
});

function statement(more: object, subject: object = {}): string {
  const all = {
    subject: [{ digest: { sha256: DIGEST.slice(7) }, ...subject }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
  };
  return JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', ...all, predicate: {}, ...more });
}

const BODY = /-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----([\s\S]*)-----END/;
const unseal = (pem: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(BODY.exec(pem)?.[1] ?? '', 'base64').toString('utf8')) as Record<string, unknown>;
const seal = (value: object): string =>
  `-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n${Buffer.from(JSON.stringify(value)).toString('base64')}\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n`;
