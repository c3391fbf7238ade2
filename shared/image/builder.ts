import { type BuilderKind, type ImageSettings, userError } from '../model/index.ts';

/**
 * What builds the image: what the settings say, else what is there. Throws `dockerfile-missing`.
 *
 * @param dockerfile whether the service's Dockerfile is there
 */
export function builderOf(service: string, settings: ImageSettings, dockerfile: boolean): BuilderKind {
  const kind = settings.builder ?? (settings.native !== undefined ? 'native' : 'docker');
  if (kind === 'docker' && !dockerfile) {
    throw userError('dockerfile-missing', `${service} has no ${settings.dockerfile}, and no \`image.native\`.`);
  }
  if (kind === 'native' && settings.native === undefined) {
    throw userError('config-invalid', `${service} is built by \`builder: native\`, but has no \`image.native\`.`, {
      remedy: 'Say under `image.native` which base and layers it is made of.',
    });
  }
  return kind;
}

/** What is understood, and cannot be carried out: silence about a gate or a secret would be a lie. Throws `not-yet`. */
export function refuseNotYet(service: string, builder: BuilderKind, settings: ImageSettings): void {
  const keys: readonly (readonly [string, boolean])[] = [
    ['image.source', settings.source !== undefined],
    ['image.builder: docker', builder === 'docker'],
    ['image.gates', settings.gates.length > 0],
    ['image.secrets', settings.secrets.length > 0],
    ['image.reuse-key', settings.reuseKey !== undefined],
  ];
  const wanted = keys.filter(([, used]) => used).map(([key]) => `\`${key}\``);
  if (wanted.length === 0) return;
  throw userError('not-yet', `${service} asks for ${wanted.join(' and ')}, which this version cannot carry out.`, {
    ...(builder === 'docker'
      ? { remedy: 'Describe the image under `image.native`, or build it elsewhere and deploy its digest.' }
      : {}),
  });
}
