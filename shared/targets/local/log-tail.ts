import { open } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { isErrno } from '../../io/disk.ts';

/** What is read of the end of a log, and what of it is kept. */
const TAIL_BYTES = 64 * 1024;
const TAIL_LINES = 50;

/** The last lines of a log, oldest first, as text: no colours, no control characters. Empty when there is none. */
export async function logTail(path: string): Promise<readonly string[]> {
  const text = stripVTControlCharacters(await tail(path));
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.replace(/\p{Cc}/gu, ' ').trimEnd());
  return lines.filter((line) => line !== '').slice(-TAIL_LINES);
}

async function tail(path: string): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line is cut when the log is longer.
    return size > TAIL_BYTES ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await file.close();
  }
}
