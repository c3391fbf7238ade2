import type { ReplayableBody } from '../../model/index.ts';

interface Piece {
  readonly bytes: Uint8Array;
  /** Bytes before it. */
  readonly offset: number;
}

/** A body cut into pieces of one length, the last of which may be shorter. One piece is in memory at a time. */
export class Pieces implements AsyncIterable<Piece> {
  readonly #body: ReplayableBody;
  readonly #length: number;

  constructor(body: ReplayableBody, length: number) {
    this.#body = body;
    this.#length = length;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    let parts: Uint8Array[] = [];
    let held = 0;
    let offset = 0;
    for await (const chunk of this.#body.open()) {
      let rest = chunk;
      while (held + rest.length >= this.#length) {
        const bytes = Buffer.concat([...parts, rest.subarray(0, this.#length - held)]);
        rest = rest.subarray(this.#length - held);
        [parts, held] = [[], 0];
        yield { bytes, offset };
        offset += bytes.length;
      }
      if (rest.length > 0) parts.push(rest);
      held += rest.length;
    }
    if (held > 0) yield { bytes: Buffer.concat(parts), offset };
  }
}
