import type { Failure } from './output.ts';

const OTHER_BUILDER = 'Add docker/setup-buildx-action before this step';

/** Words of buildx, BuildKit and Docker about what is not wrong with the Dockerfile, and what to do then. */
const KNOWN: readonly (readonly [said: RegExp, remedy: string])[] = [
  [
    /(?:multi-platform build|oci exporter)\b.*not supported/i,
    `${OTHER_BUILDER}: the builder of this Docker engine builds for one platform.`,
  ],
  [
    /frontend\.contexts|does not support --build-context/i,
    `${OTHER_BUILDER}: the builder of this Docker engine is too old to be held to the digests of base images.`,
  ],
  [
    /exec format error/i,
    'Add docker/setup-qemu-action before this step: this machine cannot run programs of that platform by itself.',
  ],
  [/no space left on device/i, 'Free space on the runner, or on the machine of its builder: `docker buildx prune`.'],
  [
    /connect to the docker (?:daemon|api)|no builder "|waiting for connection|connection refused/i,
    'Look whether the builder runs (`docker buildx inspect`); docker/setup-buildx-action starts one.',
  ],
];

/** What to do about a build that failed; undefined: read its log. */
export const remedyFor = ({ step, error }: Pick<Failure, 'step' | 'error'>): string | undefined =>
  KNOWN.find(([said]) => said.test(`${step ?? ''} ${error}`))?.[1];
