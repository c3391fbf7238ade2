import { MAX_MATRIX_ROWS } from '../detect/index.ts';
import { type Matrix, type MatrixRow, userError } from '../model/index.ts';

/**
 * All outputs of one detection together, whatever its size, in bytes. GitHub takes 1 MB from a job and counts two bytes for a
 * letter; half of that is left to the other steps of the job. A thousand services with ordinary names fit.
 */
export const LARGEST_OUTPUTS = 256 * 1024;
/** What `removed`, `report` and the small outputs may take of it. */
const ROOM_REMOVED = 24 * 1024;
const ROOM_REPORT = 24 * 1024;
const ROOM_SMALL = 8 * 1024;
const ROOM_ROWS = LARGEST_OUTPUTS - ROOM_REMOVED - ROOM_REPORT - ROOM_SMALL;
/** A list that is longer, in bytes, is left out of the report: it stands in an output of its own. */
export const LARGEST_LIST = 8 * 1024;
/** A row that is larger is a mistake: what a job needs to know of its service it can read from a file. */
const LARGEST_ROW = 16 * 1024;

/** Rows as the outputs have them: the first of them, in whole rows, as many as there is room for. */
export interface FittedRows {
  readonly services: readonly string[];
  readonly matrix: Matrix;
  readonly chunks: readonly Matrix[];
}

/**
 * A row stands in `matrix-chunks`, its name in `services`, and if it is in the first chunk it stands in `matrix` too.
 * Throws `config-invalid` for a row that no job should get.
 */
export function fitRows(rows: readonly MatrixRow[]): FittedRows {
  const huge = rows.find((row) => bytes(row) > LARGEST_ROW);
  if (huge !== undefined) {
    const sentence = `The matrix row of \`${huge.service}\` has ${bytes(huge)} bytes; no more than ${LARGEST_ROW} are handed on.`;
    throw userError('config-invalid', sentence, { remedy: 'Put less under its `matrix`.' });
  }
  let room = ROOM_ROWS;
  const fitting = rows.findIndex((row, index) => {
    const times = index < MAX_MATRIX_ROWS ? 2 : 1;
    const framed = index % MAX_MATRIX_ROWS === 0 ? FRAME * times : 0;
    room -= times * (bytes(row) + 1) + bytes(row.service) + 1 + framed;
    return room < 0;
  });
  const shown = fitting < 0 ? rows : rows.slice(0, fitting);
  const chunks = Array.from({ length: Math.ceil(shown.length / MAX_MATRIX_ROWS) }, (_, at) => ({
    include: shown.slice(at * MAX_MATRIX_ROWS, (at + 1) * MAX_MATRIX_ROWS),
  }));
  return { services: shown.map(({ service }) => service), matrix: chunks[0] ?? { include: [] }, chunks };
}

/** As many of the names as there is room for in `removed`. */
export function fitNames(names: readonly string[], room = ROOM_REMOVED): readonly string[] {
  let left = room - 2;
  const fitting = names.findIndex((name) => {
    left -= bytes(name) + 1;
    return left < 0;
  });
  return fitting < 0 ? names : names.slice(0, fitting);
}

/** Characters of `{"include":[]},`. */
const FRAME = 15;
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
