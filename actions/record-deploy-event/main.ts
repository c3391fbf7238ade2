import { recordAction } from '../../shared/flow/interface/index.ts';
import { recordFlow } from '../../shared/flow/record.ts';
import { runMain } from '../../shared/io/runner/index.ts';

await runMain(recordAction, recordFlow);
