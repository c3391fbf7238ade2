import { deployFlow } from '../../shared/flow/deploy.ts';
import { deployAction } from '../../shared/flow/interface/index.ts';
import { runAction } from '../../shared/io/runner/index.ts';

await runAction(deployAction, deployFlow);
