import type { NativeSettings, Platform } from '../model/index.ts';
import type { Base } from './base.ts';

/** All times in an image: it is the same whenever it is built. */
const EPOCH = '1970-01-01T00:00:00Z';

/**
 * The config of an image (image-spec, config.md): what the base says, then what the settings say. As Docker does it, an
 * entrypoint of ours takes the base's command away, since that was meant for the base's entrypoint.
 */
export function imageConfig(facts: {
  readonly native: NativeSettings;
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly base: Base | undefined;
  readonly layers: readonly { readonly diffId: string; readonly to: string }[];
}): Readonly<Record<string, unknown>> {
  const { native, platform, base, layers } = facts;
  const under = base?.config;
  return {
    ...platform,
    created: EPOCH,
    config: {
      ...under?.config,
      ...runSettings(native, under?.config ?? {}),
      ...labelled(facts.labels, under?.config?.Labels),
    },
    rootfs: { type: 'layers', diff_ids: [...(under?.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)] },
    history: [
      ...(under?.history ?? []),
      ...layers.map(({ to }) => ({ created: EPOCH, created_by: `slipway native: files to ${to}` })),
    ],
  };
}

type Under = NonNullable<Base['config']['config']>;

function runSettings(native: NativeSettings, under: Under): Record<string, unknown> {
  const ports = Object.fromEntries(native.ports.map((port) => [`${port}/tcp`, {}]));
  const env = mergeEnv(under.Env ?? [], native.env);
  return {
    ...started(native),
    ...(env.length === 0 ? {} : { Env: env }),
    ...(native.ports.length === 0 ? {} : { ExposedPorts: { ...under.ExposedPorts, ...ports } }),
    ...(native.user === undefined ? {} : { User: native.user }),
    ...(native.workdir === undefined ? {} : { WorkingDir: native.workdir }),
  };
}

function started({ entrypoint, cmd }: NativeSettings): Record<string, unknown> {
  if (entrypoint.length > 0) return { Entrypoint: entrypoint, Cmd: cmd.length > 0 ? cmd : undefined };
  return cmd.length > 0 ? { Cmd: cmd } : {};
}

const labelled = (ours: Readonly<Record<string, string>>, under: Under['Labels']): Record<string, unknown> => ({
  Labels: { ...under, ...ours },
});

/** `NAME=value` of the base in its order, ours in place of theirs, new ones after them by name. */
function mergeEnv(under: readonly string[], ours: Readonly<Record<string, string>>): readonly string[] {
  const merged = new Map(under.map((line) => [line.replace(/=.*$/s, ''), line] as const));
  for (const name of Object.keys(ours).sort()) merged.set(name, `${name}=${ours[name] ?? ''}`);
  return [...merged.values()];
}
