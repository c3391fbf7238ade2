import { type Chain, type MatrixDefaults, rowsOf, stagesOf } from '../detect/index.ts';
import { commitTag } from '../image/index.ts';
import {
  type Commit,
  formatImage,
  type ImageRef,
  type MatrixRow,
  type Registry,
  type Service,
} from '../model/index.ts';
import type { RunRecord, StageRecord } from './run-record.ts';

/** A service that has got to where an approval is needed, with the image that is to be approved. */
export interface Ready {
  readonly service: Service;
  readonly image: ImageRef;
  readonly commit: Commit;
  readonly version: string;
  /** What runs in the first environment after the approval. */
  readonly liveCommit: Commit | undefined;
}

/**
 * The services whose every stage before the approval went well in this run. The image is the one that was tried there; of a
 * service that has no stage before, the one that this commit's build has tagged.
 *
 * @param records the stages on both sides of the approval
 */
export async function readyOf(
  records: readonly RunRecord[],
  chain: Chain,
  head: Commit,
  registry: Registry,
): Promise<readonly Ready[]> {
  const found: Ready[] = [];
  for (const { service, stages } of records) {
    const [next] = stages.filter((it) => chain.approved.includes(it.environment));
    if (next === undefined) continue;
    const before = stages.filter((it) => chain.first.includes(it.environment));
    const brought = before.length === 0 ? await built(service, head, registry) : arrived(before);
    if (brought !== undefined) found.push({ service, ...brought, liveCommit: next.liveCommit });
  }
  return found;
}

type Brought = Pick<Ready, 'image' | 'commit' | 'version'>;

const WENT_WELL = new Set(['deployed', 'unchanged']);

function arrived(before: readonly StageRecord[]): Brought | undefined {
  if (!before.every(({ stage }) => stage !== undefined && WENT_WELL.has(stage.status))) return undefined;
  const last = before.at(-1)?.stage;
  return last?.image === undefined ? undefined : { image: last.image, commit: last.commit, version: last.version };
}

async function built({ image }: Service, head: Commit, registry: Registry): Promise<Brought | undefined> {
  const { repository } = image;
  const found = await registry.resolve(repository, commitTag(head));
  return found && { image: { repository, digest: found.digest }, commit: head, version: head.slice(0, 12) };
}

/** Rows for the calls after the approval: what is deployed there is what was approved, and nothing newer. */
export function readyRows(ready: readonly Ready[], chain: Chain, defaults: MatrixDefaults): readonly MatrixRow[] {
  const services = ready.map(({ service }) => service);
  const verdicts = services.map(({ name }) => ({ service: name, selected: true, reasons: [], bases: [] }));
  const rows = new Map(rowsOf({ verdicts }, { services }, defaults).map((row) => [row.service, row]));
  return ready.flatMap(({ service, image, commit, version }) => {
    const row = rows.get(service.name);
    if (row === undefined) return [];
    const environments = stagesOf(service, chain.approved);
    return [{ ...row, environments, image: formatImage(image), commit, version }];
  });
}
