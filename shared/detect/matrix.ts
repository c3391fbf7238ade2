import type { Config, Json, MatrixRow, Selection, Service } from '../model/index.ts';

/** As many jobs as GitHub makes of one matrix. */
export const MAX_MATRIX_ROWS = 256;
const DEFAULT_RUNNER = 'ubuntu-latest';

/** A row of the job matrix for each selected service, by name. */
export function rowsOf(
  { verdicts }: Pick<Selection, 'verdicts'>,
  config: Pick<Config, 'services'>,
): readonly MatrixRow[] {
  const selected = new Set(verdicts.filter((it) => it.selected).map((it) => it.service));
  return config.services.filter(({ name }) => selected.has(name)).map(rowOf);
}

function rowOf(service: Service): MatrixRow {
  const own = {
    service: service.name,
    // `.` and not `''`, so that `cd "$path"` and `working-directory` work for the root too.
    path: service.path === '' ? '.' : service.path,
    repository: service.image.repository,
    team: service.team ?? '',
    runner: service.runner ?? DEFAULT_RUNNER,
  };
  const free: Readonly<Record<string, Json>> = Object.fromEntries(
    Object.entries(service.matrix).filter(([key]) => !Object.hasOwn(own, key)),
  );
  return { ...own, ...free };
}
