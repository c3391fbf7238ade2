import { inlineConfig } from '../config/index.ts';
import type { ActionFlow, ActionResult, InputValues, World } from '../io/runner/index.ts';
import { type Config, isCommit, userError } from '../model/index.ts';
import { resultOf } from './detect-report.ts';
import { readConfig } from './house.ts';
import type { detectAction } from './interface/index.ts';
import { findSelection } from './selection.ts';
import { openSource, type Source } from './source.ts';

type Inputs = InputValues<typeof detectAction.inputs>;
type Result = ActionResult<keyof typeof detectAction.outputs>;

/** Finds the services whose inputs differ from what their environments run. */
export const detectFlow: ActionFlow<typeof detectAction.inputs, keyof typeof detectAction.outputs> = { main };

async function main(inputs: Inputs, world: World): Promise<Result> {
  const started = world.clock.now();
  const source = await openSource(world);
  const { checkout } = source;
  anticipate(inputs, source, world);
  const config = await configured(inputs, source, world);
  refuseClasses(inputs, config);
  const { selection, graph } = await findSelection(
    {
      checkout,
      config,
      file: inputs.services === undefined ? inputs.config : undefined,
      request: {
        base: inputs.base,
        head: inputs.head,
        select: selectOf(inputs.select),
        environments: inputs.environments.length > 0 ? inputs.environments : undefined,
        onUnknownBase: inputs['on-unknown-base'],
      },
    },
    world,
  );
  return resultOf(selection, { config, graph }, started, world);
}

/**
 * Services from the input go to no environment, so a push is compared with what was there before, whatever they are: git can
 * look for the difference while they are read.
 */
function anticipate({ services, base, head, select }: Inputs, { checkout }: Source, { run }: World): void {
  const { trigger, sha } = run;
  if (services === undefined || base !== 'auto' || head !== undefined || select !== 'changed') return;
  if (trigger.kind === 'push' && trigger.before !== undefined && isCommit(sha))
    checkout.anticipate?.(trigger.before, sha);
}

/** Services from the input, else from the files. */
async function configured(inputs: Inputs, { checkout, files, placed }: Source, world: World): Promise<Config> {
  if (inputs.services !== undefined) return inlineConfig(inputs.services, { repository: world.run.repository });
  return placed(await readConfig(checkout, inputs.config, world, files));
}

function refuseClasses(inputs: Inputs, config: Config): void {
  const refused = config.environments.find(
    (it) => inputs.environments.includes(it.name) && inputs['refuse-classes'].includes(it.class),
  );
  if (refused === undefined) return;
  throw userError(
    'input-invalid',
    `The environment ${refused.name} is of class ${refused.class}, which is refused here.`,
    {
      remedy:
        'Build and deploy in separate jobs: the deploy job then needs no rights to push images, and the build job none to deploy.',
    },
  );
}

function selectOf(text: string): 'changed' | 'all' | readonly string[] {
  return text === 'changed' || text === 'all' ? text : text.split(/[\s,]+/).filter((it) => it !== '');
}
