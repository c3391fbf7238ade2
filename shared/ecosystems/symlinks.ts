import * as posix from 'node:path/posix';
import { isWithin } from './paths.ts';

/** A way through more links than this is a circle; Linux gives up there as well (path_resolution(7)). */
const MAX_HOPS = 40;

/** Where a path leads. */
export interface Resolved {
  /** undefined when it leads out of the repository, or in a circle. */
  readonly path: string | undefined;
  /** The links on the way, each of which has a say in it. */
  readonly through: readonly string[];
}

/** The symbolic links of one tree. */
export class Symlinks {
  readonly #links: ReadonlyMap<string, string>;

  /** @param links path of each → what it says, from its own folder */
  constructor(links: ReadonlyMap<string, string>) {
    this.#links = links;
  }

  get paths(): readonly string[] {
    return [...this.#links.keys()];
  }

  /** Follows every link on the way to a path, in any part of it. */
  resolve(path: string): Resolved {
    const through: string[] = [];
    let at = path;
    while (this.#links.size > 0) {
      const link = this.#firstOn(at);
      if (link === undefined) break;
      const written = this.#links.get(link) ?? '';
      if (through.length === MAX_HOPS || written === '' || written.startsWith('/')) return { path: undefined, through };
      through.push(link);
      at = posix.join(posix.dirname(link), written, at.slice(link.length)).replace(/\/+$/, '');
      if (at === '..' || at.startsWith('../')) return { path: undefined, through };
      if (at === '.') at = '';
    }
    return { path: at, through };
  }

  /** Paths that links in a folder lead to outside of it. */
  leadingOut(folder: string): readonly { readonly link: string; readonly to: string }[] {
    return this.paths.flatMap((link) => {
      const to = isWithin(link, folder) ? this.resolve(link).path : undefined;
      return to === undefined || isWithin(to, folder) ? [] : [{ link, to }];
    });
  }

  #firstOn(path: string): string | undefined {
    for (let end = path.indexOf('/'); ; end = path.indexOf('/', end + 1)) {
      const part = end < 0 ? path : path.slice(0, end);
      if (this.#links.has(part)) return part;
      if (end < 0) return undefined;
    }
  }
}
