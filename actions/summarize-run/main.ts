import { summaryAction } from '../../shared/flow/interface/summary.ts';
import { summaryFlow } from '../../shared/flow/summary.ts';
import { runMain } from '../../shared/io/runner/index.ts';

await runMain(summaryAction, summaryFlow);
