import { askProgram } from '../../io/programs.ts';
import { userError } from '../../model/index.ts';

type Program = readonly [string, ...string[]];

/** What speaks with the builder: buildx as a plugin of Docker's command line, or by itself. */
export interface Client {
  readonly buildx: Program;
  /** Docker's command line, for what only the engine can do; undefined where there is none. */
  readonly docker: Program | undefined;
}

interface ClientFacts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const CANDIDATES: readonly Client[] = [
  { buildx: ['docker', 'buildx'], docker: ['docker'] },
  { buildx: ['buildx'], docker: undefined },
];

/** Finds buildx as users have it. Throws `builder-missing`. */
export async function findClient({ env, signal }: ClientFacts): Promise<Client> {
  for (const client of CANDIDATES) {
    const { end } = await askProgram({ command: [...client.buildx, 'version'], env, signal });
    if (end.kind === 'exited' && end.code === 0) return client;
    if (signal.aborted) throw userError('cancelled', 'The build was cancelled.');
  }
  throw userError('builder-missing', 'Neither `docker buildx` nor `buildx` can be started by this step.');
}
