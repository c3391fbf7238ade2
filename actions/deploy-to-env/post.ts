import { deployFlow } from '../../shared/flow/deploy.ts';
import { deployAction } from '../../shared/flow/interface/index.ts';
import { runPost } from '../../shared/io/runner/index.ts';

await runPost(deployAction, deployFlow);
