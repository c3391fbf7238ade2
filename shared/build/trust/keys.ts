import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { messageOf, userError } from '../../model/index.ts';

/** What cosign calls a private key with a password, now and earlier. */
const ENCRYPTED = /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----([\s\S]*?)-----END ENCRYPTED/;

/** Hashes that cosign signs with, by the curve of the key (RFC 5480 names as OpenSSL has them). */
const HASH_OF_CURVE: Readonly<Record<string, string>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};
const SHORTEST_RSA_BITS = 2_048;

/** Reads a public key in PEM. Throws `config-invalid`; `shown` is its path. */
export function readPublicKey(pem: string, shown: string): KeyObject {
  try {
    return checked(createPublicKey(publicPart(pem)), shown);
  } catch (error) {
    throw unreadable(shown, error);
  }
}

/** A private key would give its public half as well, but it must not lie in a repository. */
function publicPart(pem: string): string {
  if (/PRIVATE KEY/.test(pem)) throw new Error('it is a private key');
  return pem;
}

/**
 * Reads a private key: PKCS #8 or SEC 1 in PEM, or as cosign writes it, which is encrypted with a password that may be
 * empty. Throws `config-invalid`; nothing of the key stands in the error.
 *
 * @param shown where it comes from, for errors
 */
export async function readPrivateKey(pem: string, password: string, shown: string): Promise<KeyObject> {
  try {
    const sealed = ENCRYPTED.exec(pem)?.[1];
    if (sealed === undefined) return checked(createPrivateKey(pem), shown);
    const { openSealed } = await import('./sealed-key.ts');
    const der = await openSealed(Buffer.from(sealed, 'base64').toString('utf8'), password);
    return checked(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }), shown);
  } catch (error) {
    throw unreadable(shown, error);
  }
}

function checked(key: KeyObject, shown: string): KeyObject {
  if (hashOf(key) !== undefined) return key;
  throw new Error(`${shown} is of the kind ${key.asymmetricKeyType}, with which cosign does not sign`);
}

/** The hash that a key signs with; undefined for keys that are not for this. */
export function hashOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | undefined {
  if (asymmetricKeyType === 'ec') return HASH_OF_CURVE[asymmetricKeyDetails?.namedCurve ?? ''];
  const rsa = asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_RSA_BITS;
  return rsa ? 'sha256' : undefined;
}

const unreadable = (shown: string, error: unknown): Error =>
  userError('config-invalid', `The key ${shown} cannot be used: ${messageOf(error).replace(/\.$/, '')}.`, {
    remedy: 'Make a pair with `cosign generate-key-pair`, or with `openssl ecparam -genkey -name prime256v1`.',
    cause: error,
  });
