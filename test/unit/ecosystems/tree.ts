import { Importer } from '../../../shared/ecosystems/index.ts';
import { compilePatterns } from '../../../shared/graph/index.ts';
import type { Checkout, CommitFiles, Ecosystem, ImportsSince, Problem, Service } from '../../../shared/model/index.ts';
import { config, fakeCheckout, service } from '../detect/world.ts';

/** A symbolic link of a tree. */
export class Link {
  readonly to: string;
  constructor(to: string) {
    this.to = to;
  }
}

/** Path → text; links are links; other things become JSON; undefined: not there. */
export type Tree = Readonly<Record<string, string | object | undefined>>;

function textsOf(tree: Tree): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([path, it]) =>
      it === undefined || it instanceof Link
        ? []
        : [[path, typeof it === 'string' ? it : JSON.stringify(it, null, 2)] as const],
    ),
  );
}

/** The files of a commit, from memory. `unread`: there, but too large to be read. */
function commitFiles(tree: Tree, unread: readonly string[] = []): CommitFiles {
  const texts = textsOf(tree);
  return {
    read: async (path) => texts.get(path),
    entries: async () => [],
    find: async (takes) => [...texts.keys()].filter(takes).sort(),
    readAll: async (paths) =>
      new Map(
        paths.flatMap((path) => (texts.has(path) && !unread.includes(path) ? [[path, texts.get(path) ?? '']] : [])),
      ),
    links: async () =>
      new Map(Object.entries(tree).flatMap(([path, it]) => (it instanceof Link ? [[path, it.to] as const] : []))),
  };
}

export interface Answer {
  /** Service → services that it uses. */
  readonly uses: (name: string) => readonly string[];
  /** Of some paths those that are imported inputs of a service. */
  readonly inputs: (name: string, ...paths: readonly string[]) => readonly string[];
  readonly ways: (name: string) => readonly string[];
  readonly warnings: readonly Problem[];
}

/** Services in these folders, named after the last part of each. */
export const servicesIn = (...folders: readonly string[]): readonly Service[] =>
  folders.map((path) => service(path.slice(path.lastIndexOf('/') + 1) || 'root', [], { path }));

interface Options {
  readonly ecosystems?: readonly Ecosystem[];
  readonly unread?: readonly string[];
}

/** What services use in a tree. */
export async function importIn(tree: Tree, folders: readonly string[], options: Options = {}): Promise<Answer> {
  const checkout: Checkout = { ...fakeCheckout({}), at: () => commitFiles(tree, options.unread) };
  const settings = config(servicesIn(...folders), { graphImport: options.ecosystems });
  const { services, warnings } = await new Importer(checkout, settings).importsAt('head');
  const inputsOf = (name: string) => services.get(name)?.inputs ?? [];
  return {
    uses: (name) => [...(services.get(name)?.dependencies.keys() ?? [])].sort(),
    inputs: (name, ...paths) =>
      paths.filter((path) => inputsOf(name).some(({ rules }) => compilePatterns(rules)(path))),
    ways: (name) => inputsOf(name).map(({ way, manifest }) => `${way.join(' > ')} by ${manifest}`),
    warnings,
  };
}

/** What a change from one tree to another means. */
export async function change(before: Tree, after: Tree, folders: readonly string[]): Promise<ImportsSince> {
  const checkout: Checkout = { ...fakeCheckout({}), at: (commit) => commitFiles(commit === 'before' ? before : after) };
  const [was, is] = [textsOf(before), textsOf(after)];
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter((path) => was.get(path) !== is.get(path));
  return await new Importer(checkout, config(servicesIn(...folders))).since('after', 'before', 'after', changed);
}
