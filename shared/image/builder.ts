import { type ImagePlan, type ImageSettings, userError } from '../model/index.ts';

/**
 * What builds the image: what the settings say, else what is there; nothing, where another program has made it
 * (`source`). Throws `dockerfile-missing`.
 *
 * @param dockerfile whether the service's Dockerfile is there
 */
export function builderOf(service: string, settings: ImageSettings, dockerfile: boolean): ImagePlan['builder'] {
  if (settings.source !== undefined && settings.builder !== 'none') return 'source';
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
