type Env = Readonly<Record<string, string | undefined>>;

/** Inputs of our own, the token of the run among them. */
const OURS = /^INPUT_/i;

/** The environment of a program of the user's: ours, without our inputs and without what is named. */
export const programEnvironment = (env: Env, withheld: readonly string[]): Env =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.test(name) && !withheld.includes(name)));
