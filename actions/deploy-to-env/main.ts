import { deployFlow } from '../../shared/flow/deploy.ts';
import { deployAction } from '../../shared/flow/interface/index.ts';
import { runMain } from '../../shared/io/runner/index.ts';

await runMain(deployAction, deployFlow);
