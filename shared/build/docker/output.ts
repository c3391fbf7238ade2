/** Lines at the end of a build that are kept to explain a failure. */
export const KEPT_LINES = 400;
/** Lines of the step that failed that are shown again. */
const SHOWN_LINES = 25;
/** Buildx frames what it says about the step that failed with these (docker/buildx, util/progress; moby/buildkit, solver/errdefs). */
const FRAME = '------';
const SOURCE_FRAME = /^-{20}$/;

/** Why a build failed, as far as its output says. */
export interface Failure {
  /** Such as `[build 2/3] RUN npm ci`; undefined when no step did. */
  readonly step: string | undefined;
  /** The last lines of that step. */
  readonly lines: readonly string[];
  /** Line of the Dockerfile, from 1. */
  readonly line: number | undefined;
  /** What buildx says at the end. */
  readonly error: string;
}

/**
 * Reads the end of the output of `buildx build --progress=plain`: the step that failed is repeated there in a frame,
 * then the place in the Dockerfile, then one line that begins with `ERROR:`, which some errors continue.
 */
export function readFailure(output: readonly string[]): Failure {
  const at = output.findLastIndex((line) => /^ERROR: /.test(line));
  const error = at < 0 ? (output.findLast((line) => line.trim() !== '') ?? 'it said nothing') : textFrom(output, at);
  const open = output.findLastIndex((line, index) => line.startsWith(' > ') && output[index - 1] === FRAME);
  if (open < 0) return { step: undefined, lines: [], line: undefined, error };
  const rest = output.slice(open + 1);
  const close = rest.indexOf(FRAME);
  const said = close < 0 ? [] : rest.slice(0, close);
  const step = output[open]?.slice(3).replace(/:$/, '');
  return { step, lines: said.slice(-SHOWN_LINES), line: lineOf(rest.slice(close + 1)), error };
}

const textFrom = (output: readonly string[], at: number): string =>
  output
    .slice(at)
    .join(' ')
    .replace(/^ERROR: /, '')
    .replace(/^failed to build: /, '')
    .replace(/^failed to solve: /, '');

/** `Dockerfile:5`, over a frame with the lines around it. */
function lineOf(lines: readonly string[]): number | undefined {
  const at = lines.findIndex((line, index) => /:\d+$/.test(line) && SOURCE_FRAME.test(lines[index + 1] ?? ''));
  const number = /:(\d+)$/.exec(lines[at] ?? '')?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The last lines of what a program says. */
export class Tail {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines.shift();
  }

  lines(): readonly string[] {
    return this.#lines;
  }
}
