import * as z from 'zod';
import { isRecord } from '../model/index.ts';
import { service } from './schema/service.ts';
import { slipway } from './schema/slipway.ts';

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schemas of the two files for editors, made from those that check the files: what may be written, not what comes of it. */
export function jsonSchemas(): { readonly slipway: JsonSchema; readonly service: JsonSchema } {
  return {
    slipway: {
      ...inputSchema(slipway),
      title: 'slipway.yml',
      description: 'The services and environments of a repository.',
    },
    service: {
      ...inputSchema(service),
      title: 'slipway.service.yml',
      description: 'One service; every key is optional.',
    },
  };
}

/** The JSON Schema of what a schema accepts, each key with a title. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  const { '~standard': _, ...plain } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-2020-12',
    // Free JSON values have no schema, which means anything.
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === 'undefined') jsonSchema.not = {};
    },
  });
  return titled(plain);
}

function titled(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([word, value]) => {
      if (word === 'properties' && isRecord(value)) return [word, withTitles(value)];
      if (word === 'default' || word === 'const') return [word, value];
      if (Array.isArray(value)) return [word, value.map((item: unknown) => (isRecord(item) ? titled(item) : item))];
      return [word, isRecord(value) ? titled(value) : value];
    }),
  );
}

function withTitles(properties: Readonly<Record<string, unknown>>): JsonSchema {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [
      key,
      isRecord(schema) ? { title: titleOf(key), ...titled(schema) } : schema,
    ]),
  );
}

/** `build-args` → `Build args` */
const titleOf = (key: string): string => `${key.charAt(0).toUpperCase()}${key.slice(1).replaceAll('-', ' ')}`;
