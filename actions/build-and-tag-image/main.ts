import { buildFlow } from '../../shared/flow/build.ts';
import { buildAction } from '../../shared/flow/interface/index.ts';
import { runAction } from '../../shared/io/runner/index.ts';

await runAction(buildAction, buildFlow);
