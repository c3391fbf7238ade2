import { redirectTarget } from './transport.ts';

/** Pages of one listing; a registry that gives more is taken for one that goes round in a circle. */
export const PAGES = 500;
/** Bytes of one page. */
export const LONGEST_PAGE = 16 * 1024 * 1024;

/** The page after this one (RFC 8288), on the same origin: elsewhere the listing would not be the registry's. */
export function nextPage(from: URL, link: string | null): URL | undefined {
  for (const [, target = '', rest = ''] of (link ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?next"?/i.test(rest)) continue;
    const next = redirectTarget(from, target);
    if (next.origin === from.origin) return next;
  }
  return undefined;
}
