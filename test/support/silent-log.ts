import type { Log } from '../../shared/model/index.ts';

/** A log that nobody reads. */
export const silentLog: Log = {
  info() {},
  debug() {},
  notice() {},
  warning() {},
  error() {},
  group() {},
  fold: () => () => undefined,
};
