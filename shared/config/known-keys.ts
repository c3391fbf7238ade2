import { isRecord } from '../model/index.ts';
import type { JsonSchema } from './json-schema.ts';
import type { KeyPath } from './paths.ts';

/** The keys that a schema knows for the map at a path of a value; where the schema branches by `kind`, those of the value's kind. */
export function knownKeys(schema: JsonSchema, value: unknown, path: KeyPath): readonly string[] {
  const parts = schema['$defs'];
  const open = (place: Place) => branches(place, isRecord(parts) ? parts : {});
  let places: readonly Place[] = open({ schema, value });
  for (const step of path) places = places.flatMap((place) => stepInto(place, step)).flatMap(open);
  return [
    ...new Set(places.flatMap(({ schema: { properties } }) => (isRecord(properties) ? Object.keys(properties) : []))),
  ];
}

interface Place {
  readonly schema: JsonSchema;
  readonly value: unknown;
}

/** The schemas that a value may follow, references to shared parts followed. */
function branches({ schema, value }: Place, parts: JsonSchema): readonly Place[] {
  const shared = typeof schema['$ref'] === 'string' ? parts[schema['$ref'].replace('#/$defs/', '')] : undefined;
  if (isRecord(shared)) return branches({ schema: shared, value }, parts);
  const options = [schema['anyOf'], schema['oneOf']].flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  if (options.length === 0) return [{ schema, value }];
  return options
    .filter(isRecord)
    .filter((it) => fits(it, value))
    .flatMap((it) => branches({ schema: it, value }, parts));
}

function fits(schema: JsonSchema, value: unknown): boolean {
  const properties = schema['properties'];
  const kind = isRecord(properties) ? properties['kind'] : undefined;
  if (!isRecord(kind) || !isRecord(value)) return true;
  return kind['const'] === value['kind'];
}

function stepInto({ schema, value }: Place, step: string | number): readonly Place[] {
  const [next, inner] =
    typeof step === 'number'
      ? [schema['items'], Array.isArray(value) ? value[step] : undefined]
      : [propertyOf(schema, step), isRecord(value) ? value[step] : undefined];
  return isRecord(next) ? [{ schema: next, value: inner }] : [];
}

function propertyOf(schema: JsonSchema, key: string): unknown {
  const properties = schema['properties'];
  return isRecord(properties) && Object.hasOwn(properties, key) ? properties[key] : schema['additionalProperties'];
}
