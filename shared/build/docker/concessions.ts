import { NO_CACHE } from './cache.ts';
import type { BuildCommand } from './command.ts';

/** A build without what the builder has refused, and what that means, as a sentence. */
export interface Concession {
  readonly command: BuildCommand;
  readonly notice: string;
}

interface Refusal {
  /** How it is said; different releases of buildx and BuildKit have different words. */
  readonly said: RegExp;
  /** undefined when the build has not what was refused: then that is not the reason. */
  readonly concede: (command: BuildCommand) => Concession | undefined;
}

/** What builders refuse that the image can be had without. */
const REFUSALS: readonly Refusal[] = [
  {
    said: /cache export(?:er)?\b.*not supported/i,
    concede: (command) =>
      command.cache.to.length === 0
        ? undefined
        : {
            command: { ...command, cache: { ...NO_CACHE, from: command.cache.from } },
            notice: 'The layers of this build are not kept: its builder cannot write a cache.',
          },
  },
  {
    said: /oci exporter\b.*not supported/i,
    concede: (command) =>
      // The store of such an engine has images for one platform.
      command.output.kind === 'engine' || command.facts.platforms.length > 1
        ? undefined
        : {
            command: { ...command, output: { kind: 'engine', name: command.engineName } },
            notice:
              'The builder is a Docker engine that cannot write an OCI layout: the image is saved from its store, and a build of the same content has another digest.',
          },
  },
  {
    said: /rewrite-timestamp/i,
    concede: (command) =>
      command.output.kind === 'layout' && command.output.rewrite
        ? {
            command: { ...command, output: { ...command.output, rewrite: false } },
            notice: 'The builder cannot set the times of files: a build of the same content has another digest.',
          }
        : undefined,
  },
];

/** What to do without when a builder refuses a build with these words; undefined when it is no refusal that is known. */
export function concessionFor(command: BuildCommand, words: string): Concession | undefined {
  for (const { said, concede } of REFUSALS) {
    const conceded = said.test(words) ? concede(command) : undefined;
    if (conceded !== undefined) return conceded;
  }
  return undefined;
}
