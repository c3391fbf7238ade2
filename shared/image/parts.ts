import { type ContentKey, canonicalJson, isRecord, parseJson } from '../model/index.ts';

/** Annotation that carries the beginning of the hash of every part of the content key, as JSON. */
export const PARTS_ANNOTATION = 'io.github.slipway-actions.content-key-parts';
/** Hex digits of a part: it only explains, nothing is decided by it. */
const DIGITS = 16;
/** Longer texts are none of ours. */
const LONGEST = 4_096;

/** Parts of a key by name, shortened. */
export type KeyParts = Readonly<Record<string, string>>;

const shortened = ({ parts }: ContentKey): KeyParts =>
  Object.fromEntries(Object.entries(parts).map(([name, hash]) => [name, hash.slice(0, DIGITS)]));

/** The value of {@link PARTS_ANNOTATION}. */
export const formatParts = (key: ContentKey): string => canonicalJson(shortened(key));

/** Reads the annotation of an image; undefined when it has none that can be read. */
export function readParts(annotations: Readonly<Record<string, string>> | undefined): KeyParts | undefined {
  const text = annotations?.[PARTS_ANNOTATION];
  const value = text === undefined || text.length > LONGEST ? undefined : parseJson(text);
  if (!isRecord(value)) return undefined;
  const known = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && /^[a-z-]+$/.test(entry[0]),
  );
  return Object.fromEntries(known);
}

/** An image of the same service, and the parts of its key. */
export interface EarlierImage {
  readonly tag: string;
  readonly parts: KeyParts;
}

/** What is not as it was in an earlier image, as a clause. */
export function explainMiss(key: ContentKey, { tag, parts }: EarlierImage): string {
  const now = shortened(key);
  const differing = [...new Set([...Object.keys(now), ...Object.keys(parts)])]
    .filter((name) => now[name] !== parts[name])
    .sort();
  if (differing.length === 0) return `the image of ${tag} was made in another way`;
  const last = differing.at(-1);
  const names = differing.length === 1 ? last : `${differing.slice(0, -1).join(', ')} and ${last}`;
  return `compared with ${tag}, ${names} changed`;
}
