import { detectFlow } from '../../shared/flow/detect.ts';
import { detectAction } from '../../shared/flow/interface/detect.ts';
import { runAction } from '../../shared/io/runner/index.ts';

await runAction(detectAction, detectFlow);
