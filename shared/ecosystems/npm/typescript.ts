import { isRecord } from '../../model/index.ts';
import type { EcosystemFiles } from '../package.ts';
import { folderOf, nameOf, upwards } from '../paths.ts';
import { settingsIn, type TypeScriptSettings } from './mentions.ts';
import { parseYaml } from './yaml.ts';

const SETTINGS = /^[jt]sconfig[\s\S]*\.json$/;
/** Comments outside of texts. */
const COMMENTS = /("(?:[^"\\\n]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** Settings of TypeScript by the packages that they lie in, and what they lead to. */
export class TypeScript {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #known = new Map<string, TypeScriptSettings>();
  readonly #byFolder = new Map<string, string[]>();

  /** @param folders of packages */
  constructor({ texts, sources }: Pick<EcosystemFiles, 'texts' | 'sources'>, folders: ReadonlySet<string>) {
    this.#texts = texts;
    for (const path of sources.filter((it) => SETTINGS.test(nameOf(it)))) {
      const folder = [...upwards(folderOf(path))].find((it) => folders.has(it));
      if (folder !== undefined) this.#byFolder.set(folder, [...(this.#byFolder.get(folder) ?? []), path]);
    }
  }

  /** Settings in packages, and what those that are read extend. */
  get files(): readonly string[] {
    const own = [...this.#byFolder.values()].flat();
    return [...own, ...this.#extendedBy(own).flatMap((path) => this.#settings(path).extended)];
  }

  /** What settings in the folder of a package extend, at any distance, and what they take in from elsewhere. */
  usedIn(folder: string): TypeScriptSettings {
    const own = this.#byFolder.get(folder) ?? [];
    const all = this.#extendedBy(own);
    return {
      extended: all.filter((it) => !own.includes(it)),
      packages: all.flatMap((it) => this.#settings(it).packages),
      taken: own.flatMap((it) => this.#settings(it).taken),
    };
  }

  #extendedBy(paths: readonly string[]): readonly string[] {
    const found = new Set(paths.filter((it) => this.#texts.has(it)));
    for (const path of found) for (const it of this.#settings(path).extended) if (this.#texts.has(it)) found.add(it);
    return [...found];
  }

  #settings(path: string): TypeScriptSettings {
    const text = this.#texts.get(path) ?? '';
    const known = this.#known.get(path) ?? settingsIn(folderOf(path), this.#texts.has(path) ? parse(text) : {}, text);
    this.#known.set(path, known);
    return known;
  }
}

/** JSON with comments and commas too many, which YAML allows as well; undefined when it is none. */
function parse(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, '').replace(COMMENTS, (_, quoted: string | undefined) => quoted ?? ' ');
  const data = parseYaml(plain.replaceAll('\t', ' '));
  return isRecord(data) ? data : undefined;
}
