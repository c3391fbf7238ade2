import { userError } from '../model/index.ts';
import type { TreeView } from './tree-view.ts';

/** All manifests together, and what is read beside them; lock files are not among them. */
export const MAX_MANIFEST_CHARACTERS = 256 * 1024 * 1024;

/** Texts of a tree, as far as they were asked for. */
export class Reading {
  readonly view: TreeView;
  readonly texts = new Map<string, string>();
  readonly #asked = new Set<string>();
  #characters = 0;

  constructor(view: TreeView) {
    this.view = view;
  }

  async add(paths: readonly string[]): Promise<void> {
    const fresh = paths.filter((path) => !this.#asked.has(path));
    for (const path of fresh) this.#asked.add(path);
    if (fresh.length === 0) return;
    for (const [path, text] of await this.view.texts(fresh)) {
      this.texts.set(path, text);
      this.#characters += text.length;
    }
    if (this.#characters > MAX_MANIFEST_CHARACTERS) {
      throw tooMuch(`manifests of ${this.#characters} characters; no more than ${MAX_MANIFEST_CHARACTERS} are read`);
    }
  }
}

export function tooMuch(what: string): Error {
  return userError('config-invalid', `Dependencies cannot be imported: the repository has ${what}.`, {
    remedy: 'Name the ecosystems that count with `graph.import`, or `[]` for none.',
  });
}
