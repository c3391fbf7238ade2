import type { RunContext } from '../model/index.ts';

/** The job without the count of its occurrences (occurrence.ts): names of jobs have no `#`. */
export const plainJob = (job: string): string => job.replace(/#\d+$/, '');

/** Who writes: the same for main and post of one step, another for each attempt. */
export const ownerOf = (run: Pick<RunContext, 'repository' | 'id' | 'attempt' | 'job'>): string =>
  `${run.repository}/${run.id}/${run.attempt}/${plainJob(run.job)}`;
