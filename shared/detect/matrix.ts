import type { Config, Json, Matrix, MatrixRow, Selection, Service } from '../model/index.ts';

/** As many jobs as GitHub makes of one matrix. */
export const MAX_MATRIX_ROWS = 256;
const DEFAULT_RUNNER = 'ubuntu-latest';

/**
 * The job matrix of the selected services: `matrix` has the first rows, as many as one matrix may have; `chunks` has all.
 */
export function matrixOf(
  selection: Selection,
  config: Config,
): { readonly matrix: Matrix; readonly chunks: readonly Matrix[] } {
  const selected = new Set(selection.verdicts.filter((it) => it.selected).map((it) => it.service));
  const rows = config.services.filter(({ name }) => selected.has(name)).map(rowOf);
  const chunks: Matrix[] = [];
  for (let at = 0; at < rows.length; at += MAX_MATRIX_ROWS) {
    chunks.push({ include: rows.slice(at, at + MAX_MATRIX_ROWS) });
  }
  return { matrix: chunks[0] ?? { include: [] }, chunks };
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
