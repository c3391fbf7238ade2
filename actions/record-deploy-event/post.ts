import { recordAction } from '../../shared/flow/interface/index.ts';
import { recordFlow } from '../../shared/flow/record.ts';
import { runPost } from '../../shared/io/runner/index.ts';

await runPost(recordAction, recordFlow);
