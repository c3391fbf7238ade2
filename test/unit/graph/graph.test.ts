import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inlineConfig } from '../../../shared/config/inline.ts';
import { buildGraph, deployOrder, MAX_CYCLES } from '../../../shared/graph/index.ts';
import { type Graph, type Service, UserError } from '../../../shared/model/index.ts';

type Edges = Readonly<Record<string, readonly string[]>>;

function graphOf(edges: Edges): Graph {
  const [template] = inlineConfig('x: ["**"]', { repository: 'a/b' }).services;
  if (template === undefined) throw new Error('There is no service.');
  const services: readonly Service[] = Object.entries(edges).map(([name, dependencies]) => ({
    ...template,
    name,
    dependencies: { ...template.dependencies, services: dependencies },
  }));
  return buildGraph({ services });
}

const waysOf = (graph: Graph, name: string) => [...(graph.nodes.get(name)?.closure ?? [])];

describe('the closure', () => {
  test('is everything at any distance, by name, with a shortest way', () => {
    const graph = graphOf({
      shop: ['cart', 'assets'],
      cart: ['pricing', 'auth'],
      pricing: ['money'],
      money: [],
      auth: ['money'],
      assets: [],
    });
    expect(waysOf(graph, 'shop')).toEqual([
      ['assets', ['shop', 'assets']],
      ['auth', ['shop', 'cart', 'auth']],
      ['cart', ['shop', 'cart']],
      ['money', ['shop', 'cart', 'auth', 'money']],
      ['pricing', ['shop', 'cart', 'pricing']],
    ]);
    expect(waysOf(graph, 'money')).toEqual([]);
    expect(graph.cycles).toEqual([]);
  });

  test('prefers the shorter way', () => {
    const graph = graphOf({ a: ['b', 'd'], b: ['c'], c: ['d'], d: [] });
    expect(graph.nodes.get('a')?.closure.get('d')).toEqual(['a', 'd']);
  });

  test('is a map like others', () => {
    const closure = graphOf({ a: ['b'], b: ['c'], c: [] }).nodes.get('a')?.closure;
    expect(closure?.size).toBe(2);
    expect([closure?.has('a'), closure?.has('c'), closure?.has('toString')]).toEqual([false, true, false]);
    expect(closure?.get('a')).toBeUndefined();
    expect([...(closure?.keys() ?? [])]).toEqual(['b', 'c']);
    expect([...(closure?.values() ?? [])]).toEqual([
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]);
    const seen: unknown[] = [];
    closure?.forEach((way, name) => {
      seen.push([name, way.length]);
    });
    expect(seen).toEqual([
      ['b', 2],
      ['c', 3],
    ]);
  });

  test('direct dependencies are sorted, each once, and only those that there are', () => {
    const graph = graphOf({ a: ['c', 'b', 'c', 'gone'], b: [], c: [] });
    expect(graph.nodes.get('a')?.dependencies).toEqual(['b', 'c']);
  });

  test('names that objects have already are names like others', () => {
    const graph = graphOf({ constructor: ['toString'], toString: ['10'], 10: ['hasOwnProperty'], hasOwnProperty: [] });
    expect([...(graph.nodes.get('constructor')?.closure.keys() ?? [])]).toEqual(['10', 'hasOwnProperty', 'toString']);
  });

  test('a chain of two thousand is no burden', () => {
    const chain = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, index) => [`s${index}`, index < 1_999 ? [`s${index + 1}`] : []]),
    );
    const graph = graphOf(chain);
    expect(graph.nodes.get('s0')?.closure.size).toBe(1_999);
    expect(graph.nodes.get('s0')?.closure.get('s1999')).toHaveLength(2_000);
    expect(deployOrder(graph, ['s0', 's1000', 's1999'])).toEqual(['s1999', 's1000', 's0']);
  });
});

describe('circles', () => {
  test.each<readonly [string, Edges, readonly (readonly string[])[]]>([
    ['of one', { a: ['a'] }, [['a']]],
    ['of two', { b: ['a'], a: ['b'] }, [['a', 'b']]],
    ['of three, entered from outside', { x: ['c'], c: ['a'], a: ['b'], b: ['c'] }, [['a', 'b', 'c']]],
    [
      'two that share a service',
      { a: ['b'], b: ['a', 'c'], c: ['b'] },
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
    ],
    [
      'one within another',
      { a: ['b'], b: ['a', 'c'], c: ['a'] },
      [
        ['a', 'b'],
        ['a', 'b', 'c'],
      ],
    ],
    [
      'both ways round',
      { a: ['b', 'c'], b: ['c', 'a'], c: ['a', 'b'] },
      [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ],
    ],
    ['none in a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, []],
  ])('%s', (_name, edges, cycles) => expect(graphOf(edges).cycles).toEqual(cycles));

  test('the closure ends in a circle, and has not its own start', () => {
    const graph = graphOf({ a: ['b'], b: ['c'], c: ['a'] });
    expect(waysOf(graph, 'b')).toEqual([
      ['a', ['b', 'c', 'a']],
      ['c', ['b', 'c']],
    ]);
  });

  test('no more than a bound of them', () => {
    const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
    const all = graphOf(Object.fromEntries(names.map((name) => [name, names])));
    expect(all.cycles).toHaveLength(MAX_CYCLES);
  });
});

describe('the order of deploys', () => {
  const graph = graphOf({
    web: ['cart'],
    cart: ['pricing'],
    pricing: [],
    alone: [],
    ring1: ['ring2'],
    ring2: ['ring1', 'pricing'],
  });

  test('puts what others depend on first, and what is free by name', () => {
    expect(deployOrder(graph, ['web', 'pricing', 'cart', 'alone'])).toEqual(['alone', 'pricing', 'cart', 'web']);
  });

  test('sees through what is not in the list', () => {
    expect(deployOrder(graph, ['web', 'pricing'])).toEqual(['pricing', 'web']);
  });

  test('passes over what there is not, and takes each once', () => {
    expect(deployOrder(graph, ['cart', 'gone', 'cart'])).toEqual(['cart']);
    expect(deployOrder(graph, [])).toEqual([]);
  });

  test('one of a circle alone has an order; two have none, and the circle is named', () => {
    expect(deployOrder(graph, ['ring1', 'pricing'])).toEqual(['pricing', 'ring1']);
    expect(() => deployOrder(graph, ['pricing', 'ring2', 'ring1'])).toThrow(
      'dependency-cycle The services have no order, since they depend on each other: `ring1` → `ring2` → `ring1`.',
    );
  });

  test('what only depends on a circle is not blamed for it', () => {
    const after = graphOf({ a: ['b'], b: ['c'], c: ['b'] });
    expect(() => deployOrder(after, ['a', 'b', 'c'])).toThrow('`b` → `c` → `b`');
  });
});

describe('whatever the dependencies', () => {
  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const anyEdges = fc
    .array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES)), { maxLength: 16 })
    .map((pairs) =>
      Object.fromEntries(NAMES.map((name) => [name, pairs.filter(([from]) => from === name).map(([, to]) => to)])),
    );

  test('the closure is what can be reached, by the shortest ways', () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const graph = graphOf(edges);
        for (const name of NAMES) {
          const distances = distancesFrom(edges, name);
          const closure = graph.nodes.get(name)?.closure ?? new Map<string, readonly string[]>();
          expect([...closure.keys()]).toEqual([...distances.keys()].sort());
          for (const [other, way] of closure) {
            expect(way.length - 1).toBe(distances.get(other));
            expect([way[0], way.at(-1)]).toEqual([name, other]);
            for (const [index, it] of way.slice(1).entries()) expect(edges[way[index] ?? '']).toContain(it);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('circles are real, start at their first name, stand once, and name every dependency that is in one', () => {
    fc.assert(
      fc.property(anyEdges, (edges) => {
        const { cycles, nodes } = graphOf(edges);
        const named = new Set<string>();
        for (const cycle of cycles) {
          expect([...cycle].sort()[0]).toBe(cycle[0]);
          expect(new Set(cycle).size).toBe(cycle.length);
          for (const [index, from] of cycle.entries()) {
            const to = cycle[(index + 1) % cycle.length] ?? '';
            expect(edges[from]).toContain(to);
            named.add(`${from} ${to}`);
          }
        }
        expect(new Set(cycles.map((it) => it.join(' '))).size).toBe(cycles.length);
        const within = Object.entries(edges).flatMap(([from, to]) =>
          to.filter((it) => it === from || nodes.get(it)?.closure.has(from) === true).map((it) => `${from} ${it}`),
        );
        expect([...named].sort()).toEqual([...new Set(within)].sort());
      }),
      { numRuns: 200 },
    );
  });

  test('an order holds every dependency, or two depend on each other', () => {
    fc.assert(
      fc.property(anyEdges, fc.subarray(NAMES), (edges, names) => {
        const graph = graphOf(edges);
        const needs = (one: string, other: string) => graph.nodes.get(one)?.closure.has(other) === true;
        const entangled = names.some((one) =>
          names.some((other) => one !== other && needs(one, other) && needs(other, one)),
        );
        try {
          const order = deployOrder(graph, names);
          expect(entangled).toBe(false);
          expect([...order].sort()).toEqual(names);
          for (const [index, it] of order.entries())
            for (const later of order.slice(index + 1)) expect(needs(it, later)).toBe(false);
        } catch (thrown) {
          if (!(thrown instanceof UserError)) throw thrown;
          expect([thrown.code, entangled]).toEqual(['dependency-cycle', true]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function distancesFrom(edges: Edges, start: string): ReadonlyMap<string, number> {
  const distances = new Map<string, number>();
  let level = [start];
  for (let distance = 1; level.length > 0; distance++) {
    const next = [...new Set(level.flatMap((name) => edges[name] ?? []))].filter(
      (it) => it !== start && !distances.has(it),
    );
    for (const it of next) distances.set(it, distance);
    level = next;
  }
  return distances;
}

test('the room is light: it imports the model and the matcher, nothing else', () => {
  const room = new URL('../../../shared/graph/', import.meta.url);
  const imports = readdirSync(room).flatMap((file) =>
    [...readFileSync(new URL(file, room), 'utf8').matchAll(/from '([^']+)'/g)].map((match) => match[1] ?? ''),
  );
  const outside = imports.filter((it) => !it.startsWith('./'));
  expect([...new Set(outside)].sort()).toEqual(['../model/index.ts', 'picomatch']);
});
