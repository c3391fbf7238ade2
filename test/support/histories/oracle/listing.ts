import { git } from '../repository.ts';

/** Path (bytes as latin1) → `mode id`. */
export type Listing = ReadonlyMap<string, string>;

/** The whole tree of a commit, as `git ls-tree` lists it; undefined when git does not have it. */
export async function listTree(repository: string, commit: string): Promise<Listing | undefined> {
  const output = await git(repository, ['ls-tree', '-r', '-z', '--full-tree', commit]).catch(() => undefined);
  if (output === undefined) return undefined;
  const lines = output.toString('latin1').split('\0').slice(0, -1);
  return new Map(
    lines.map((line) => {
      const [, mode = '', id = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return [path, `${mode} ${id}`];
    }),
  );
}

/** Texts of files, by their ids. */
export async function readBlobs(repository: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(ids)];
  const texts = new Map<string, string>();
  if (wanted.length === 0) return texts;
  const output = (await git(repository, ['cat-file', '--batch'], `${wanted.join('\n')}\n`)).toString('latin1');
  let at = 0;
  for (const id of wanted) {
    const end = output.indexOf('\n', at);
    const size = Number(output.slice(at, end).split(' ')[2]);
    texts.set(id, output.slice(end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return texts;
}
