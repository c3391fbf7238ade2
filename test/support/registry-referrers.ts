import type { Around } from '../../shared/demo/registry.ts';
import { isRecord, parseJson } from '../../shared/model/index.ts';
import { sha256 } from './registry-faults.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * A registry with the referrers API of distribution-spec 1.1: it answers `OCI-Subject`, and lists in pages.
 *
 * @param page entries of a page
 * @param filters whether it filters by artifact type itself
 */
export function referrersApi({ page = 100, filters = true } = {}): Around {
  const bySubject = new Map<string, object[]>();
  return async (request, answer) => {
    const [, name, subject] = /^\/v2\/(.+)\/referrers\/(.+)$/.exec(request.path) ?? [];
    if (name !== undefined && subject !== undefined) return list(bySubject.get(`${name}@${subject}`) ?? []);
    const chunks: Buffer[] = [];
    if (request.method === 'PUT' && request.path.includes('/manifests/'))
      request.incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    const reply = await answer();
    const noted = reply.status === 201 ? note(request.path, Buffer.concat(chunks), request) : undefined;
    return noted === undefined ? reply : { ...reply, headers: { ...reply.headers, 'OCI-Subject': noted } };

    function list(all: readonly object[]) {
      const wanted = request.query.get('artifactType');
      const kept = all.filter((it) => !filters || wanted === null || Object(it).artifactType === wanted);
      const from = Number(request.query.get('from') ?? 0);
      const Link = `<${request.path}?from=${from + page}${wanted === null ? '' : `&artifactType=${wanted}`}>; rel="next"`;
      const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: kept.slice(from, from + page) });
      const more = from + page < kept.length;
      return { status: 200, headers: { 'Content-Type': INDEX, ...(more ? { Link } : {}) }, body };
    }
  };

  function note(path: string, bytes: Buffer, request: Parameters<Around>[0]): string | undefined {
    const manifest = parseJson(bytes.toString('utf8'));
    if (!isRecord(manifest) || !isRecord(manifest['subject'])) return undefined;
    const subject = String(manifest['subject']['digest']);
    const key = `${path.split('/').slice(2, -2).join('/')}@${subject}`;
    const entry = {
      mediaType: request.incoming.headers['content-type'],
      digest: sha256(bytes),
      size: bytes.length,
      artifactType: manifest['artifactType'],
      annotations: manifest['annotations'],
    };
    const others = (bySubject.get(key) ?? []).filter((it) => Object(it).digest !== entry.digest);
    bySubject.set(key, [...others, entry]);
    return subject;
  }
}
