import { type Release, short } from '../model/index.ts';

/** A release for people: its version, and enough of its digest. */
export const named = (release: Pick<Release, 'version' | 'image'>): string =>
  `${release.version} (${short(release.image.digest)})`;
