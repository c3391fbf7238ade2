/**
 * Record: what was deployed where, kept so that it can be believed. An event is made and bounded here, folded into the
 * state of its stream, appended to the ledger by compare-and-set, read back with suspicion, verified and folded into one
 * branch, and projected to the systems that want to know (`sinks/`). The ledger is the truth; sinks are pictures of it.
 */
export { boundEvent, EVENT_BYTES } from './bound.ts';
export { type EventFacts, eventId, makeEvent, purlOf, statusOf } from './event.ts';
export { foldLedger, publishFold, readFolded } from './fold.ts';
export { applyEvent } from './fold-state.ts';
export { type JournalFacts, openJournal, type RecordingJournal } from './journal.ts';
export { keptOf, standOf } from './kept.ts';
export { eventsOf, type Histories, type LedgerView, readHistory, readStreams } from './ledger.ts';
export { type RunStage, type StageStatus, stageInHistory, streamOfRun } from './of-run.ts';
export { ownerOf } from './owner.ts';
export { LEDGER_BRANCH, parseStreamRef, STREAM_PREFIX, streamRef, streamsOf } from './refs.ts';
export { eventJsonSchema, parseEvent, parseState } from './schema.ts';
export { KINDS as SINKS } from './sinks/kinds.ts';
export { createSinks, type Projection, project } from './sinks/project.ts';
export type { CreateSink, Sink, SinkDeps } from './sinks/sink.ts';
export { formatFinding, verify } from './verify.ts';
