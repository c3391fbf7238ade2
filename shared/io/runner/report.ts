import type { Json } from '../../model/index.ts';

/** An output of GitHub's is at most 1 MB a job; ours stay far below, whatever the size of the repository. */
export const LARGEST_REPORT = 64 * 1024;
/** The runner drops a step's summary beyond 1 MiB. */
const LARGEST_SUMMARY = 512 * 1024;

/**
 * The `report` output: one line of JSON, `{"schema":1,"action":…,"status":…,"reason":…,…}`, at most 64 KiB.
 * When it would be longer, the largest details are left out, and `omitted` names them.
 */
export function formatReport(head: Readonly<Record<string, Json>>, details: Readonly<Record<string, Json>>): string {
  const kept = new Map(Object.entries(details));
  const omitted: string[] = [];
  for (;;) {
    const text = JSON.stringify({ ...head, ...Object.fromEntries(kept), ...(omitted.length > 0 ? { omitted } : {}) });
    if (Buffer.byteLength(text) <= LARGEST_REPORT || kept.size === 0) return text;
    const largest = [...kept].reduce((a, b) => (JSON.stringify(b[1]).length > JSON.stringify(a[1]).length ? b : a))[0];
    kept.delete(largest);
    omitted.push(largest);
  }
}

/** Cuts a summary at a line, and says so. */
export function boundSummary(markdown: string): string {
  if (Buffer.byteLength(markdown) <= LARGEST_SUMMARY) return markdown;
  const cut = Buffer.from(markdown).subarray(0, LARGEST_SUMMARY).toString('utf8');
  return `${cut.slice(0, cut.lastIndexOf('\n'))}\n\n… the rest is left out, the summary would be too long.\n`;
}
