import { type ScryptOptions, scrypt } from 'node:crypto';
import { secretbox } from '@noble/ciphers/salsa.js';
import * as z from 'zod';
import { parseJson } from '../../model/index.ts';

/*
 * A secret as cosign seals it with a password (go-securesystemslib, encrypted.go): scrypt makes the key of a NaCl
 * secretbox, which Node's OpenSSL does not have.
 */

const KEY_BYTES = 32;
const SCRYPT_BLOCK = 8;
/** The only costs that the format has; another one could be there to keep us busy. */
const COSTS: ReadonlySet<number> = new Set([2 ** 15, 2 ** 16, 2 ** 17]);

const sealedSchema = z.object({
  kdf: z.object({
    name: z.literal('scrypt'),
    params: z.object({
      N: z.number().refine((it) => COSTS.has(it)),
      r: z.literal(SCRYPT_BLOCK),
      p: z.literal(1),
    }),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal('nacl/secretbox'), nonce: z.base64() }),
  ciphertext: z.base64(),
});

/** Opens a sealed secret. Throws an error with a clause for people when it cannot be opened. */
export async function openSealed(text: string, password: string): Promise<Buffer> {
  const parsed = sealedSchema.safeParse(parseJson(text));
  if (!parsed.success) throw new Error('it is encrypted in a way that cosign does not have');
  const { kdf, cipher, ciphertext } = parsed.data;
  const { N, r, p } = kdf.params;
  // scrypt needs 128 * N * r bytes (RFC 7914, 5), and Node wants a little more allowed.
  const options = { N, r, p, maxmem: 2 * 128 * N * r };
  const key = await derive(password, Buffer.from(kdf.salt, 'base64'), options);
  try {
    return Buffer.from(secretbox(key, Buffer.from(cipher.nonce, 'base64')).open(Buffer.from(ciphertext, 'base64')));
  } catch (cause) {
    throw new Error('the password in `COSIGN_PASSWORD` does not open it', { cause });
  }
}

const derive = (password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
