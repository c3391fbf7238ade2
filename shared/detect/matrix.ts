import type { Config, EnvironmentName, Json, MatrixRow, Selection, Service } from '../model/index.ts';
import { stagesOf } from './chain.ts';

/** As many jobs as GitHub makes of one matrix. */
export const MAX_MATRIX_ROWS = 256;
const DEFAULT_RUNNER = 'ubuntu-latest';

const MINUTE_MS = 60_000;

/** What is the same for every service, so that rows need not repeat it. */
export interface MatrixDefaults {
  /** Runner of services that name none. */
  readonly runner?: Json | undefined;
  /**
   * The environments of a run that tests, builds and deploys, in promotion order: rows then have what that needs to know, and
   * environments of their own only where they are others. undefined: rows are for some other matrix.
   */
  readonly stages?: readonly EnvironmentName[] | undefined;
}

/** A row of the job matrix for each selected service, by name. */
export function rowsOf(
  { verdicts }: Pick<Selection, 'verdicts'>,
  config: Pick<Config, 'services'>,
  defaults: MatrixDefaults = {},
): readonly MatrixRow[] {
  const selected = new Set(verdicts.filter((it) => it.selected).map((it) => it.service));
  return config.services.filter(({ name }) => selected.has(name)).map((it) => rowOf(it, defaults));
}

function rowOf(service: Service, { runner = DEFAULT_RUNNER, stages }: MatrixDefaults): MatrixRow {
  const own = {
    service: service.name,
    // `.` and not `''`, so that `cd "$path"` and `working-directory` work for the root too.
    path: service.path === '' ? '.' : service.path,
    repository: service.image.repository,
    team: service.team ?? '',
    runner: service.runner ?? runner,
    ...(stages === undefined ? {} : pipelineKeys(service, stages)),
  };
  const free: Readonly<Record<string, Json>> = Object.fromEntries(
    Object.entries(service.matrix).filter(([key]) => !Object.hasOwn(own, key)),
  );
  return { ...own, ...free };
}

/** What pipeline.yml needs to know, where it is not as usual: a thousand rows have to fit into the outputs of one job. */
function pipelineKeys(service: Service, stages: readonly EnvironmentName[]): Readonly<Record<string, Json>> {
  const { test, image } = service;
  const environments = stagesOf(service, stages);
  return {
    ...(environments.length === stages.length ? {} : { environments }),
    ...(test === undefined ? {} : { test: test.run, timeout: Math.ceil(test.timeoutMs / MINUTE_MS) }),
    ...(image.builder === 'none' ? { builder: 'none' } : {}),
  };
}
