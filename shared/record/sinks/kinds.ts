import { github } from './github.ts';
import type { SinkKind } from './sink.ts';
import { webhook } from './webhook.ts';

/**
 * The sinks there are. A new one is a file beside these that exports what `defineSink` gives, and its line here: the
 * checks of its fields, time limits, retries, results and `required` come from sink.ts and project.ts.
 */
export const KINDS: Readonly<Record<string, SinkKind>> = {
  github,
  webhook,
};
