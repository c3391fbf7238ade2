import type { Config, FileSource } from '../model/index.ts';
import type { JsonSchema } from './json-schema.ts';
import type { LoadOptions } from './load.ts';
import { quickInlineConfig } from './quick-inline.ts';

/*
 * The doors of this room. The parser and the schemas are half of what an action would load, so they are loaded behind
 * these doors, and only where they are needed.
 */

/**
 * Services of the input `services` of detect-changed-services, as YAML or JSON: a map `name: [patterns]` or
 * `name: {fields of a service file}`, or a list of such with `name`. Patterns are from the root of the repository.
 * There are no environments, and no dependencies are imported. Throws `input-invalid` with all problems.
 *
 * @param options.repository `owner/repository`, for the default registry
 */
export async function inlineConfig(text: string, options: { readonly repository: string }): Promise<Config> {
  const quick = quickInlineConfig(text, options);
  return quick ?? (await import('./inline.ts')).inlineConfig(text, options);
}

/**
 * Reads slipway.yml and the service files that it leads to. Throws one `UserError`: `config-missing`, or `config-invalid`
 * with all problems of slipway.yml, or else of all service files, each with file, line and column.
 */
export async function loadConfig(source: FileSource, options: LoadOptions): Promise<Config> {
  return await (await import('./load.ts')).loadConfig(source, options);
}

/** The schemas of the two files for editors, made from those that check the files. */
export async function jsonSchemas(): Promise<{ readonly slipway: JsonSchema; readonly service: JsonSchema }> {
  return (await import('./json-schema.ts')).jsonSchemas();
}
