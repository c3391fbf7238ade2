import { boardFlow } from '../../shared/flow/board.ts';
import { boardAction } from '../../shared/flow/interface/index.ts';
import { runMain } from '../../shared/io/runner/index.ts';

await runMain(boardAction, boardFlow);
