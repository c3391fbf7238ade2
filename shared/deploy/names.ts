import { type Intent, type Owner, type Release, short } from '../model/index.ts';

/** A release for people: its version, and enough of its digest. */
export const releaseName = ({ version, image }: Pick<Release, 'version' | 'image'>): string =>
  `${version} (${short(image.digest)})`;

/** A run that holds a lease: its id, and where to see it. */
export const ownerName = ({ id, url }: Owner): string => (url === undefined ? id : `${id} (${url})`);

/** Which deploy is meant, at the beginning of a sentence. */
export const deployName = ({ mode, release, owner }: Intent): string =>
  `The ${mode} of ${releaseName(release)} by ${owner.id}`;
