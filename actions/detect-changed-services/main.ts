import { detectFlow } from '../../shared/flow/detect.ts';
import { detectAction } from '../../shared/flow/interface/detect.ts';
import { runMain } from '../../shared/io/runner/index.ts';

await runMain(detectAction, detectFlow);
