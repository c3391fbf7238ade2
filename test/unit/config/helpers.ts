import { loadConfig } from '../../../shared/config/index.ts';
import { inlineConfig } from '../../../shared/config/inline.ts';
import { type Config, type Problem, type Service, UserError } from '../../../shared/model/index.ts';
import { memoryFiles } from '../../support/memory-files.ts';

export type Files = Readonly<Record<string, string>>;

export const OPTIONS = { file: 'slipway.yml', repository: 'Acme/Shop' };

export const load = (files: Files): Promise<Config> => loadConfig(memoryFiles(files), OPTIONS);

/** One service at the root, with what slipway.yml says besides. */
export async function loadOne(service: string, rest = ''): Promise<Service> {
  return only(await load({ 'slipway.yml': `version: 1\nservice: ${service}\n${rest}` }));
}

export function only(config: Config): Service {
  const [service, ...others] = config.services;
  if (service === undefined || others.length > 0) throw new Error(`There are ${config.services.length} services.`);
  return service;
}

export function serviceOf(config: Config, name: string): Service {
  const found = config.services.find((it) => it.name === name);
  if (found === undefined) throw new Error(`There is no service ${name}.`);
  return found;
}

/** What is refused, and why; fails when nothing is. */
export async function problemsOf(attempt: () => unknown): Promise<readonly Problem[]> {
  try {
    await attempt();
  } catch (thrown) {
    if (thrown instanceof UserError) return thrown.problems;
    throw thrown;
  }
  throw new Error('It was accepted.');
}

export const refusals = (files: Files): Promise<readonly Problem[]> => problemsOf(() => load(files));
export const inlineRefusals = (text: string): Promise<readonly Problem[]> =>
  problemsOf(() => inlineConfig(text, OPTIONS));

/** Takes the marks `«` out of texts and says where they stood, as `line:column`. */
export function marked(text: string): { readonly text: string; readonly places: readonly string[] } {
  const [start = '', ...parts] = text.split('«');
  const places: string[] = [];
  let clean = start;
  for (const part of parts) {
    const lines = clean.replace(/^\uFEFF/, '').split('\n');
    places.push(`${lines.length}:${(lines.at(-1) ?? '').length + 1}`);
    clean += part;
  }
  return { text: clean, places };
}

export const placeText = ({ at }: Problem): string => `${at?.line ?? '-'}:${at?.column ?? '-'}`;
