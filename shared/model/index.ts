/** The words of the house: its nine values, reason codes and ports. Pure, and open to every room. */
export * from './board.ts';
export * from './config.ts';
export * from './deploy.ts';
export * from './duration.ts';
export * from './event.ts';
export * from './graph.ts';
export * from './image.ts';
export * from './journal.ts';
export * from './json.ts';
export * from './ledger.ts';
export * from './names.ts';
export * from './ports.ts';
export * from './problem.ts';
export * from './reasons.ts';
export * from './redact.ts';
export * from './selection.ts';
export * from './target.ts';
