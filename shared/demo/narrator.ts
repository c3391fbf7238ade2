import { formatDuration } from '../model/index.ts';

/** Tells the story on a terminal, and remembers whether all of it was true. */
export class Narrator {
  readonly #write: (line: string) => void;
  readonly #untrue: string[] = [];
  #chapter = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  chapter(title: string): void {
    this.#chapter += 1;
    this.#write('');
    this.#write(`${this.#chapter}. ${title}`);
  }

  line(text: string): void {
    this.#write(`   ${text}`);
  }

  /** States something and whether it was observed; a chapter with anything untrue fails the whole. */
  observe(what: string, isTrue: boolean): void {
    this.#write(`   ${isTrue ? '✓' : '✗'} ${what}`);
    if (!isTrue) this.#untrue.push(`${this.#chapter}. ${what}`);
  }

  /** Rows with aligned columns. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
    for (const row of rows)
      this.line(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      );
  }

  /** What was not true. */
  get untrue(): readonly string[] {
    return this.#untrue;
  }
}

/** How long something took, for the end of a line. */
export const took = (ms: number): string => `(${formatDuration(ms)})`;
