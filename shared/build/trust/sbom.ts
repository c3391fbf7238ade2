import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Descriptor, type ImageRef, problem, type RawManifest, type Registry } from '../../model/index.ts';
import { isIndex, MEDIA, parseIndex, platformName } from '../oci.ts';
import { attach } from './referrer.ts';
import { runTool, type ToolMachine } from './tools.ts';

/** By which lists of components are found among the referrers (IANA: application/spdx+json). */
export const SBOM_MEDIA = 'application/spdx+json';
const ATTESTATION = 'unknown/unknown';

/**
 * Attaches to each platform of an image the list of its components, as syft finds them, unless there is one. Gives how many
 * were attached. Without syft on the machine that is told, and the image goes its way. Throws `sbom-failed`, `cancelled`,
 * and what registries throw.
 *
 * @param layout makes an OCI layout with all bytes of the image
 */
export async function attachSboms(
  registry: Registry,
  subject: { readonly image: ImageRef; readonly manifest: RawManifest; readonly layout: () => Promise<string> },
  machine: ToolMachine,
): Promise<number> {
  const { repository } = subject.image;
  let attached = 0;
  for (const it of platformsOf(subject.manifest)) {
    const there = await registry.referrers(repository, it.digest, SBOM_MEDIA);
    if (there.length > 0) continue;
    const bytes = await listComponents(await subject.layout(), it, machine);
    if (bytes === undefined) break;
    await attach(registry, { repository, digest: it.digest }, { mediaType: SBOM_MEDIA, bytes, annotations: {} });
    attached += 1;
  }
  return attached;
}

/** The manifests of an image that say what runs. */
function platformsOf(manifest: RawManifest): readonly Descriptor[] {
  const { mediaType, digest, bytes } = manifest;
  if (!isIndex(mediaType)) return [{ mediaType, digest, size: bytes.length }];
  return parseIndex(manifest).manifests.flatMap(({ platform, ...it }) =>
    platform !== undefined && platformName(platform) === ATTESTATION
      ? []
      : [{ mediaType: it.mediaType, digest: it.digest, size: it.size }],
  );
}

/** undefined: there is no syft. */
async function listComponents(layout: string, manifest: Descriptor, machine: ToolMachine): Promise<Buffer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-sbom-'));
  try {
    const file = join(folder, 'sbom.json');
    const command = [
      'syft',
      'scan',
      `oci-dir:${await layoutOfOne(folder, layout, manifest)}`,
      '-o',
      `spdx-json=${file}`,
    ] as const;
    const env = { SYFT_CHECK_FOR_APP_UPDATE: 'false' };
    const ran = await runTool({ command, env, title: 'Components of the image', code: 'sbom-failed' }, machine);
    if (ran) return await readFile(file);
    machine.log.notice(
      problem('sbom-failed', '`image.sbom` asks for a list of components, but this runner has no syft.'),
    );
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A layout that shows one manifest of another one, so that nobody has to choose. */
async function layoutOfOne(folder: string, layout: string, manifest: Descriptor): Promise<string> {
  const directory = join(folder, 'layout');
  await mkdir(directory);
  await symlink(join(layout, 'blobs'), join(directory, 'blobs'), 'junction');
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const index = { schemaVersion: 2, mediaType: MEDIA.index, manifests: [manifest] };
  await writeFile(join(directory, 'index.json'), JSON.stringify(index));
  return directory;
}
