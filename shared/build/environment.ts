type Env = Readonly<Record<string, string | undefined>>;

/** Inputs of our own, the token of the run among them; what is saved for the step after the job. */
const OURS = /^(?:INPUT|STATE)_/i;
/** What the runner gives to actions, and not to the commands of a step: its caches and artifacts. */
const OF_ACTIONS = /^ACTIONS_(?:RUNTIME|RESULTS|CACHE)_/;
/** Files that speak for this step: what is written there counts as said by the action. */
const FILES = /^GITHUB_(?:OUTPUT|ENV|PATH|STATE|STEP_SUMMARY)$/;

/** The environment of a program of the user's: ours, without what is the action's alone and without what is named. */
export const programEnvironment = (env: Env, withheld: readonly string[]): Env =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => ![OURS, OF_ACTIONS, FILES].some((it) => it.test(name)) && !withheld.includes(name),
    ),
  );
