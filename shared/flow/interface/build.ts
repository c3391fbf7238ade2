import { choice, defineAction, flag, list, text, word } from '../../io/runner/index.ts';
import { commonInputs, REPORT } from './common.ts';

export const buildAction = defineAction({
  name: 'build-and-tag-image',
  title: 'Build and tag image',
  description:
    'Builds the image of a service once, pushes it by digest and then points tags at it; an image of the same content is reused.',
  icon: 'package',
  color: 'blue',
  post: false,
  inputs: {
    service: word('Name of the service.', { required: true }),
    push: choice(
      ['auto', 'always', 'never', 'preview', 'part'],
      '`auto`: on the default branch and on tags; a pull request builds without pushing. `preview` writes only under `<repository>/preview`. `part` pushes these `platforms` without a tag of a commit or branch, for a later call with `builder: none` that makes one image of all.',
      { default: 'auto' },
    ),
    force: flag(
      'Build even when an image of the same content is there, from nothing: layers of earlier builds are not taken either.',
      { default: 'false' },
    ),
    reuse: choice(
      ['verified', 'tag', 'off'],
      'Which image of the same content may be taken: `verified` one with a signature or attestation, `tag` any that is in the registry, `off` none. Default: the configuration.',
    ),
    platforms: list('Platforms, such as `linux/amd64,linux/arm64`. Default: the configuration.'),
    tags: list('Tags, kinds (`sha`, `branch`, `semver`, `date`) or templates. Default: the configuration.'),
    registry: text('Prefix of the repository, such as `ghcr.io/acme/shop`. Default: the configuration.'),
    builder: choice(
      ['docker', 'native', 'none'],
      'What builds the image. `none` builds nothing: the image, or each of its platforms, must be there, from jobs with `push: part`. Default: the configuration, else by what is there.',
    ),
    cache: choice(
      ['registry', 'actions', 'off'],
      'Where the layers of the docker builder are kept between builds: `registry` beside the image (tag `buildcache`), `actions` in the cache of GitHub Actions, `off` nowhere. Read by every run, written by those that push.',
      { default: 'off' },
    ),
    ...commonInputs,
  },
  outputs: {
    image: 'The image, `repository@sha256:…`.',
    digest: 'Its digest.',
    tags: 'JSON list of the tags that point at it.',
    reused: '`true` when nothing was built.',
    'content-key': 'Hash of everything that determines the image.',
    version: 'The version: of the tag, else commit date and commit.',
    layout: 'Path of the OCI layout, when one was built.',
    report: REPORT,
  },
  failures: [
    'gate-failed',
    'tag-conflict',
    'registry-denied',
    'registry-unavailable',
    'build-failed',
    'platform-missing',
    'signing-failed',
    'config-invalid',
  ],
  permissions: [
    { scope: 'contents', access: 'read', reason: 'to check the repository out' },
    { scope: 'packages', access: 'write', reason: 'to push to ghcr.io; not needed for other registries' },
  ],
});
