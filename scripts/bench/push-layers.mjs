import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { startLatencyProxy } from './latency-proxy.mjs';
import { startRegistry } from './registries.mjs';

const LAYERS = 20;
const LAYER_BYTES = 512 * 1024;
const ROUND_TRIP_MS = 50;

/** Our client pushes an OCI layout to a registry that is far away, and so do the tools of others. */
export const pushLayers = {
  title: `push an image of ${LAYERS} layers of ${LAYER_BYTES / 1024} KiB to a registry ${ROUND_TRIP_MS} ms away`,
  async open(folder, { node, run }) {
    const program = join(folder, 'push-layout.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('push-layout.ts', import.meta.url))],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    const registry = await startRegistry(join(folder, 'registry'));
    const proxy = await startLatencyProxy(registry.port, ROUND_TRIP_MS);
    const host = `127.0.0.1:${proxy.port}`;
    let images = 0;
    // New bytes for everyone: tools remember where they have seen a layer.
    const connections = new Map();
    const pushing = (name, command) => async () => {
      images += 1;
      const before = proxy.counts.connections;
      const layout = join(folder, `layout-${images}`);
      makeLayout(layout);
      const ms = await run(...command(layout, `${host}/bench/image-${images}`));
      rmSync(layout, { recursive: true });
      connections.set(name, proxy.counts.connections - before);
      return ms;
    };
    return {
      ours: pushing('slipway', (layout, repository) => [node, program, layout, repository]),
      others: {
        crane: pushing('crane', (layout, repository) => ['crane', 'push', '--insecure', layout, `${repository}:it`]),
        skopeo: pushing('skopeo', (layout, repository) => [
          'skopeo',
          '--insecure-policy',
          ...['copy', '--quiet', '--preserve-digests', '--dest-tls-verify=false'],
          `oci:${layout}:it`,
          `docker://${repository}:it`,
        ]),
      },
      notes: () => [`connections of the last push: ${[...connections].map((it) => it.join(' ')).join(', ')}`],
      close() {
        proxy.close();
        registry.close();
      },
    };
  },
};

/** An OCI layout of one image with layers that nobody has seen. They need not unpack. */
function makeLayout(folder) {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const keep = (bytes, mediaType) => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(folder, 'blobs', 'sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value, mediaType) => keep(Buffer.from(JSON.stringify(value)), mediaType);
  const layers = Array.from({ length: LAYERS }, () =>
    keep(randomBytes(LAYER_BYTES), 'application/vnd.oci.image.layer.v1.tar+gzip'),
  );
  const diffs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  const config = json(
    { architecture: 'amd64', os: 'linux', config: {}, rootfs: diffs },
    'application/vnd.oci.image.config.v1+json',
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = json({ schemaVersion: 2, mediaType, config, layers }, mediaType);
  const named = { ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'it' } };
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}
