import { isRecord, parseJson, parseRepository, userError } from '../../model/index.ts';
import { pull } from './scope.ts';
import { address, type Session } from './session.ts';
import { type HttpRequest, redirectTarget } from './transport.ts';

const PAGE = 1_000;
/** Pages of one listing; a registry that gives more is taken for one that goes round in a circle. */
export const PAGES = 500;

/**
 * Names of all tags of a repository, sorted; empty when there is none. Follows `Link` (RFC 8288) from page to page:
 * neither the size of pages nor their order is relied on.
 */
export async function listTags(session: Session, repository: string): Promise<readonly string[]> {
  const where = parseRepository(repository);
  const all = new Set<string>();
  let url: URL | undefined = address(where, `tags/list?n=${PAGE}`);
  for (let page = 0; url !== undefined; page += 1) {
    if (page === PAGES) throw userError('image-invalid', `${repository} has more than ${PAGES} pages of tags.`);
    const request: HttpRequest = { method: 'GET', url };
    const response = await session.request(request, { grants: [pull(where.path)] });
    if (response.status === 404) {
      await response.body?.cancel();
      return [];
    }
    if (!response.ok) throw await session.error(response, request);
    for (const tag of tagsIn(await response.text(), repository)) all.add(tag);
    url = nextPage(url, response.headers.get('link'));
  }
  return [...all].sort();
}

function tagsIn(text: string, repository: string): readonly string[] {
  const value = parseJson(text);
  const tags = isRecord(value) ? (value['tags'] ?? []) : undefined;
  if (!Array.isArray(tags))
    throw userError('image-invalid', `The registry's list of tags of ${repository} cannot be read.`);
  return tags.filter((tag) => typeof tag === 'string');
}

/** The page after this one, on the same origin: elsewhere the listing would not be the registry's. */
function nextPage(from: URL, link: string | null): URL | undefined {
  for (const [, target = '', rest = ''] of (link ?? '').matchAll(/<([^>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*"?next"?/i.test(rest)) continue;
    const next = redirectTarget(from, target);
    if (next.origin === from.origin) return next;
  }
  return undefined;
}
