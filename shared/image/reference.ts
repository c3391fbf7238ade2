import { type Digest, formatRepository, isDigest, parseRepository, userError } from '../model/index.ts';

/** An image as people name it: a repository, and what to take of it. */
interface Reference {
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

/** Reads `repository[:tag][@sha256:…]`; `latest` when neither is there. Throws `config-invalid`. */
export function parseReference(text: string): Reference {
  const [name = '', digest] = text.trim().split('@');
  if (digest !== undefined && !isDigest(digest)) {
    throw userError('config-invalid', `\`${text}\` has no digest that can be one.`, {
      remedy: 'Write it like ghcr.io/owner/name@sha256: followed by 64 hex digits.',
    });
  }
  const tagged = /^(.+):([A-Za-z0-9_][A-Za-z0-9._-]{0,127})$/.exec(name);
  const repository = formatRepository(parseRepository(tagged?.[1] ?? name));
  const tag = tagged?.[2] ?? (digest === undefined ? 'latest' : undefined);
  return { repository, tag, digest };
}
