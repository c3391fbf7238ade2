import type { Readable } from 'node:stream';
import { userError } from '../../model/index.ts';

/** The whole of a body as text. Throws `target-unavailable` for one that is larger than expected. */
export async function readWhole(body: Readable, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    const bytes = Buffer.from(piece);
    size += bytes.length;
    if (size > most) {
      body.destroy();
      throw tooLarge(most);
    }
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The lines of a body as they come. Throws for a line that is larger than expected. */
export async function* linesOf(body: Readable, most: number): AsyncIterable<string> {
  let rest = '';
  body.setEncoding('utf8');
  for await (const piece of body) {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > most) {
      body.destroy();
      throw tooLarge(most);
    }
    yield* lines.filter((line) => line !== '');
  }
}

const tooLarge = (most: number) =>
  userError('target-unavailable', `The API server answered with more than ${most / 1024 / 1024} MiB.`);
