import { boardFlow } from '../../shared/flow/board.ts';
import { boardAction } from '../../shared/flow/interface/index.ts';
import { runAction } from '../../shared/io/runner/index.ts';

await runAction(boardAction, boardFlow);
