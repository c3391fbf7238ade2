import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How a build of the program goes that stands in for Docker's command line. */
export interface Script {
  /** Words with which a build is refused whose arguments contain a text. */
  readonly refuses?: readonly (readonly [argument: string, words: string])[];
  /** Lines on stderr before it fails. */
  readonly fails?: readonly string[];
  /** It goes on until it is ended, and writes this file when it was asked to. */
  readonly hangs?: string;
  /** A command of the shell that is run in the context during the build. */
  readonly during?: string;
  /** Platforms of the images it writes, and whether it adds provenance. */
  readonly platforms?: readonly string[];
  readonly provenance?: boolean;
}

/** One call of the program. */
export interface Call {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What lies beside and in the Dockerfile that it was given. */
  readonly dockerfile?: string;
  readonly ignore?: string;
}

/**
 * A program `docker` that understands `buildx version`, `buildx build` (into an OCI layout, or its own store), `image save`
 * and `image rm`, or by the name `buildx` the first two without that word: enough to see what it is asked, and what is made of its answers. The real one runs end to end.
 */
export async function fakeDocker(
  directory: string,
  script: Script = {},
  name: 'docker' | 'buildx' = 'docker',
): Promise<{ bin: string; calls(): Promise<readonly Call[]> }> {
  const bin = join(directory, 'bin');
  await mkdir(bin, { recursive: true });
  const file = join(bin, name);
  const log = join(directory, 'calls.jsonl');
  const facts = JSON.stringify({ ...script, log });
  await writeFile(file, `#!${process.execPath}\nconst script = ${facts};\n${PROGRAM}`);
  await chmod(file, 0o755);
  return {
    bin,
    async calls() {
      const text = await readFile(log, 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line): Call => JSON.parse(line));
    },
  };
}

const PROGRAM = String.raw`
const fs = require('node:fs');
const path = require('node:path');
const { execSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { gzipSync } = require('node:zlib');
const args = process.argv.slice(2);
const end = Buffer.alloc(1024);
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
const value = (flag) => args.find((it) => it.startsWith(flag + '='))?.slice(flag.length + 1);
if (/^(?:buildx )?version$/.test(args.join(' '))) process.exit(0);

const file = value('--file');
const read = (it) => (it && fs.existsSync(it) ? fs.readFileSync(it, 'utf8') : undefined);
const call = { args, env: process.env, dockerfile: read(file), ignore: read(file && file + '.dockerignore') };
fs.appendFileSync(script.log, JSON.stringify(call) + '\n');
const say = (line) => process.stderr.write(line + '\n');
const refusal = (script.refuses ?? []).find(([argument]) => args.some((it) => it.includes(argument)));
if (refusal) { say('ERROR: failed to build: ' + refusal[1]); process.exit(1); }
if (script.fails) { script.fails.forEach(say); process.exit(1); }
if (script.hangs) {
  process.on('SIGTERM', () => { fs.writeFileSync(script.hangs, 'ended'); process.exit(143); });
  say('#1 waiting');
  setInterval(() => {}, 1000);
} else main();

function main() {
  if (args[0] === 'image') return args[1] === 'save' ? save(value('--output')) : undefined;
  if (script.during) execSync(script.during, { cwd: args.at(-1), shell: '/bin/sh', env: { PATH: '/usr/bin:/bin' } });
  const dest = /dest=([^,"]*)/.exec(value('--output') ?? '')?.[1];
  if (dest) layout(dest);
}
function tar(name, text) {
  const header = Buffer.alloc(512);
  header.write(name, 0); header.write('0000644\0', 100); header.write('0000000\0', 108); header.write('0000000\0', 116);
  header.write(text.length.toString(8).padStart(11, '0') + '\0', 124); header.write('00000000000\0', 136);
  header.write('        ', 148); header.write('0', 156); header.write('ustar\0' + '00', 257);
  header.write(header.reduce((a, b) => a + b, 0).toString(8).padStart(6, '0') + '\0 ', 148);
  const body = Buffer.alloc(Math.ceil(text.length / 512) * 512); body.write(text);
  return Buffer.concat([header, body]);
}
function imageOf(platform) {
  const [os, architecture] = platform.split('/');
  const layer = Buffer.concat([tar('hello', 'from ' + platform), end]);
  return { layer, config: Buffer.from(JSON.stringify({ os, architecture, rootfs: { type: 'layers', diff_ids: ['sha256:' + hash(layer)] } })) };
}
function layout(dest) {
  const blobs = path.join(dest, 'blobs', 'sha256');
  fs.mkdirSync(blobs, { recursive: true });
  const put = (mediaType, bytes, more) => {
    fs.writeFileSync(path.join(blobs, hash(bytes)), bytes);
    return { mediaType, digest: 'sha256:' + hash(bytes), size: bytes.length, ...more };
  };
  const OCI = 'application/vnd.oci.image.';
  const json = (value) => Buffer.from(JSON.stringify(value));
  const manifest = (platform, config, layers, more) => put(OCI + 'manifest.v1+json', json({ schemaVersion: 2, mediaType: OCI + 'manifest.v1+json', config, layers }), { platform, ...more });
  const manifests = (script.platforms ?? value('--platform').split(',')).map((platform) => {
    const { layer, config } = imageOf(platform);
    const [os, architecture] = platform.split('/');
    const layers = [put(OCI + 'layer.v1.tar+gzip', gzipSync(layer), { annotations: { 'buildkit/rewritten-timestamp': '1' } })];
    return manifest({ os, architecture }, put(OCI + 'config.v1+json', config), layers);
  });
  if (script.provenance) {
    const statement = put('application/vnd.in-toto+json', json({ run: Math.random() }));
    manifests.push(manifest({ os: 'unknown', architecture: 'unknown' }, put(OCI + 'config.v1+json', json({ os: 'unknown', architecture: 'unknown', rootfs: { type: 'layers', diff_ids: [] } })), [statement]));
  }
  const top = manifests.length === 1 ? manifests[0] : put(OCI + 'index.v1+json', json({ schemaVersion: 2, mediaType: OCI + 'index.v1+json', manifests }));
  fs.writeFileSync(path.join(dest, 'index.json'), json({ schemaVersion: 2, manifests: [{ ...top, annotations: { 'org.opencontainers.image.created': new Date().toISOString() } }] }));
  fs.writeFileSync(path.join(dest, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}
function save(output) {
  const { layer, config } = imageOf('linux/amd64');
  const contents = JSON.stringify([{ Config: hash(config) + '.json', RepoTags: ['x:y'], Layers: ['a/layer.tar'] }]);
  fs.writeFileSync(output, Buffer.concat([tar(hash(config) + '.json', config.toString()), tar('a/layer.tar', layer.toString('latin1')), tar('manifest.json', contents), end]));
}
`;
