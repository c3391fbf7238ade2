import { verify as check, formatFinding } from '../../record/index.ts';
import { defineCommand } from './command.ts';

/** Whether the ledger is whole. */
export const verify = defineCommand({
  summary: 'whether the ledger is whole; exit code 1 when it is not',
  options: {},
  async run(desk) {
    const { histories, events } = await desk.history();
    const findings = check(histories, await desk.repository()).map(formatFinding);
    const ok = findings.length === 0;
    const total = `${events.length} events in ${histories.size} streams: ${ok ? 'every one is verified' : `${findings.length} findings`}`;
    return { ok, json: { events: events.length, streams: histories.size, findings }, lines: [...findings, total] };
  },
});
