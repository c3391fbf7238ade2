import { github } from './github.ts';
import type { CreateSink } from './sink.ts';
import { webhook } from './webhook.ts';

/**
 * The sinks there are. A new one is a file beside these that exports a `CreateSink`, and its line here: time limits,
 * retries, results and `required` come from project.ts.
 */
export const KINDS: Readonly<Record<string, CreateSink>> = {
  github,
  webhook,
};
