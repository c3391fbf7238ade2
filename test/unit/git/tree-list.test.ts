import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeName } from '../../../shared/io/git/names.ts';
import { TreeList } from '../../../shared/io/git/tree-list.ts';

const ID = 'ab'.repeat(20);
const MODES = ['100644', '100755', '120000', '160000'];

interface Thing {
  readonly mode: string;
  readonly name: Uint8Array;
}

const listOf = (things: readonly Thing[]) =>
  new TreeList(
    Buffer.concat(
      things.flatMap(({ mode, name }) => [Buffer.from(`${mode} blob ${ID}\t`), Buffer.from(name), Buffer.from([0])]),
    ),
  );

describe('the list of a tree', () => {
  const name = fc.uint8Array({ min: 1, minLength: 1, maxLength: 12 });
  const things = fc.array(fc.record({ mode: fc.constantFrom(...MODES), name }), { maxLength: 12 });

  test('gives names of any bytes, modes and ids, all or those that are wanted', () => {
    fc.assert(
      fc.property(things, (all) => {
        const entries = all.map((it) => ({ mode: it.mode, id: ID, path: decodeName(Buffer.from(it.name)) }));
        const list = listOf(all);
        expect(list.select(() => true)).toEqual(entries);
        expect(list.select((path) => path.length > 3)).toEqual(entries.filter(({ path }) => path.length > 3));
        for (const mode of MODES) expect(list.ofMode(mode)).toEqual(entries.filter((it) => it.mode === mode));
      }),
    );
  });

  test('is read in pieces of whole entries', () => {
    const long = Array.from({ length: 4_000 }, (_, at) => ({
      mode: '100644',
      name: Buffer.from(`${at}/${'é'.repeat(at % 90)}${'x'.repeat(at % 190)}`),
    }));
    expect(listOf(long).select(() => true)).toEqual(listOf(long).all());
    expect(
      listOf(long)
        .all()
        .map(({ path }) => path),
    ).toEqual(long.map((it) => it.name.toString('utf8')));
  });
});
