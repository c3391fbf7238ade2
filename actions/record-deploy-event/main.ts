import { recordAction } from '../../shared/flow/interface/index.ts';
import { recordFlow } from '../../shared/flow/record.ts';
import { runAction } from '../../shared/io/runner/index.ts';

await runAction(recordAction, recordFlow);
