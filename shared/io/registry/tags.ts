import { isRecord, parseJson, parseRepository, userError } from '../../model/index.ts';
import { LONGEST_PAGE, nextPage, PAGES } from './pages.ts';
import { isReferrersTag } from './referrers.ts';
import { pull } from './scope.ts';
import { address, type Session } from './session.ts';
import type { HttpRequest } from './transport.ts';

const PAGE = 1_000;

/**
 * Names of all tags of a repository, sorted; empty when there is none. Tags that only keep referrers are left out: they
 * are nobody's versions. Follows `Link` from page to page: neither the size of pages nor their order is relied on.
 */
export async function listTags(session: Session, repository: string): Promise<readonly string[]> {
  const where = parseRepository(repository);
  const all = new Set<string>();
  let url: URL | undefined = address(where, `tags/list?n=${PAGE}`);
  for (let page = 0; url !== undefined; page += 1) {
    if (page === PAGES) throw userError('image-invalid', `${repository} has more than ${PAGES} pages of tags.`);
    const request: HttpRequest = { method: 'GET', url };
    const response = await session.read(request, { host: where.host, grants: [pull(where.path)] }, LONGEST_PAGE);
    if (response.status === 404) {
      await response.body?.cancel();
      return [];
    }
    if (!response.ok) throw await session.error(response, request);
    for (const tag of tagsIn(await response.text(), repository)) all.add(tag);
    url = nextPage(url, response.headers.get('link'));
  }
  return [...all].filter((tag) => !isReferrersTag(tag)).sort();
}

function tagsIn(text: string, repository: string): readonly string[] {
  const value = parseJson(text);
  const tags = isRecord(value) ? (value['tags'] ?? []) : undefined;
  if (!Array.isArray(tags))
    throw userError('image-invalid', `The registry's list of tags of ${repository} cannot be read.`);
  return tags.filter((tag) => typeof tag === 'string');
}
