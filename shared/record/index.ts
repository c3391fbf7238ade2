/**
 * Record: what was deployed where, kept so that it can be believed. An event is made and bounded here, folded into the
 * state of its stream, appended to the ledger by compare-and-set, read back with suspicion, verified and folded into one
 * branch, and projected to the systems that want to know (`sinks/`). The ledger is the truth; sinks are pictures of it.
 */
export { boundEvent, EVENT_BYTES } from './bound.ts';
export { type EventFacts, type EventParts, endEvent, eventId, makeEvent, purlOf, statusOf } from './event.ts';
export { type FoldedLedger, foldLedger, publishFold, readFolded } from './fold.ts';
export { applyEvent, timeOf, underName } from './fold-state.ts';
export { type JournalDeps, type JournalFacts, openJournal, type RecordingJournal } from './journal.ts';
export { eventsOf, type Histories, type LedgerView, readHistory, readStreams } from './ledger.ts';
export { ownerOf } from './owner.ts';
export { LEDGER_BRANCH, parseStreamRef, STREAM_PREFIX, streamLabel, streamRef, streamsOf } from './refs.ts';
export { eventJsonSchema, type Parsed, parseEvent, parseState } from './schema.ts';
export { createSinks, type Projection, project } from './sinks/project.ts';
export type { CreateSink, Sink, SinkDeps, SinkResult } from './sinks/sink.ts';
export { type Finding, formatFinding, verify } from './verify.ts';
