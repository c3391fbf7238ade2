import type { Clock, Random, Registry, Target, TargetKind, TargetSettings } from '../model/index.ts';

/** What a target may need of the world. */
export interface TargetDeps {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  /** The action's environment; a target that starts programs gives them the few variables of it that they need. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the checkout that paths of settings are from; undefined: there is none. */
  readonly root: string | undefined;
  /** Told of every secret that a target comes to know, so that nothing that is printed has it. */
  readonly learn: (secret: string) => void;
}

type SettingsOf<Kind extends TargetKind> = Extract<TargetSettings, { readonly kind: Kind }>;

/** One kind of target. */
export interface TargetMaker {
  readonly kind: TargetKind;
  /** undefined for settings of another kind. */
  make(settings: TargetSettings, deps: TargetDeps): Target | undefined;
}

/** Makes a kind of target of what opens one from its settings. */
export function defineTarget<Kind extends TargetKind>(
  kind: Kind,
  open: (settings: SettingsOf<Kind>, deps: TargetDeps) => Target,
): TargetMaker {
  const isOurs = (settings: TargetSettings): settings is SettingsOf<Kind> => settings.kind === kind;
  return { kind, make: (settings, deps) => (isOurs(settings) ? open(settings, deps) : undefined) };
}
