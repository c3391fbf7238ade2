import { buildFlow } from '../../shared/flow/build.ts';
import { buildAction } from '../../shared/flow/interface/index.ts';
import { runMain } from '../../shared/io/runner/index.ts';

await runMain(buildAction, buildFlow);
