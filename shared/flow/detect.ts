import { inlineConfig } from '../config/index.ts';
import type { DetectRequest } from '../detect/index.ts';
import type { ActionFlow, ActionResult, InputValues, World } from '../io/runner/index.ts';
import { type Checkout, type Config, isCommit, userError } from '../model/index.ts';
import type { ConfigOfHead } from './configuration.ts';
import { resultOf } from './detect-report.ts';
import { stagesFor, wantedOf } from './detect-stages.ts';
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
  const file = inputs.services === undefined ? inputs.config : undefined;
  if (file === undefined) anticipate(inputs, source, world);
  const read = await configured(inputs, source, world);
  if (file !== undefined && read.config.environments.length === 0) anticipate(inputs, source, world);
  const find = async (it: Configured) => {
    refuseClasses(inputs, it.config);
    const stages = stagesFor(inputs, it.config);
    const select = inputs.select === 'stale' ? await stale(it.config, checkout, world) : selectOf(inputs.select);
    const found = await findSelection({ ...it, checkout, file, request: { ...requestOf(inputs), select } }, world);
    return { ...it, ...found, stages };
  };
  const found = await find(read);
  const truer = await read.ofHead?.();
  return resultOf(truer === undefined ? found : await find(truer), started, world);
}

const requestOf = (inputs: Inputs): Omit<DetectRequest, 'select'> => ({
  base: inputs.base,
  head: inputs.head,
  environments: wantedOf(inputs.environments),
  onUnknownBase: inputs['on-unknown-base'],
});

/** Loaded when it is asked for: most runs do not. */
async function stale(config: Config, checkout: Checkout, world: World): Promise<readonly string[]> {
  const { staleServices } = await import('./stale.ts');
  return await staleServices(config, checkout, world);
}

/**
 * Services that go to no environment, such as those from the input, are compared with what was there before a push, whatever
 * they are: git can look for the difference while they, or what they depend on, are read.
 */
function anticipate({ base, head, select }: Inputs, { checkout }: Source, { run }: World): void {
  const { trigger, sha } = run;
  if (base !== 'auto' || head !== undefined || select !== 'changed') return;
  if (trigger.kind === 'push' && trigger.before !== undefined && trigger.before !== sha && isCommit(sha))
    checkout.anticipate?.([trigger.before], sha);
}

type Configured = Pick<ConfigOfHead, 'config'> & Partial<ConfigOfHead>;

/** Services from the input, else from the files. */
async function configured(inputs: Inputs, source: Source, world: World): Promise<Configured> {
  const { services, config, head } = inputs;
  if (services === undefined)
    return await (await import('./configuration.ts')).configOfHead(source, config, head, world);
  return { config: await inlineConfig(services, { repository: world.run.repository }) };
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
  if (text === 'changed' || text === 'all') return text;
  const names = namesIn(text);
  if (names.length > 0) return names;
  throw userError('input-invalid', `\`select\`: ${JSON.stringify(text)} names no service.`);
}

/** Names between blanks and commas, or a JSON list as the output `services` has it. */
function namesIn(text: string): readonly string[] {
  const listed = text.trimStart().startsWith('[') ? parseJson(text) : undefined;
  if (Array.isArray(listed) && listed.every((it) => typeof it === 'string')) return listed;
  return text.split(/[\s,]+/).filter((it) => it !== '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
