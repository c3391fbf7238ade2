import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_TRIES = 200;
const PAUSE_MS = 100;

/** Debian's Docker engine, with state of its own and without a network; its builder is the one built into it. */
export interface DockerEngine {
  /** DOCKER_HOST. */
  readonly host: string;
  stop(): Promise<void>;
}

export async function startDockerEngine(): Promise<DockerEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-engine-'));
  const host = `unix://${folder}/docker.sock`;
  await writeFile(join(folder, 'daemon.json'), '{}');
  const places = ['data-root', 'exec-root', 'pidfile'].map((name) => `--${name}=${folder}/${name}`);
  const network = ['--bridge=none', '--iptables=false', '--ip6tables=false'];
  const child = spawn('dockerd', [`--config-file=${folder}/daemon.json`, `--host=${host}`, ...places, ...network], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-4_000);
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const answers = () => spawnSync('docker', ['version'], { env: { ...process.env, DOCKER_HOST: host } }).status === 0;
  for (let tries = 0; !answers(); tries += 1) {
    if (tries === READY_TRIES || child.exitCode !== null) throw new Error(`dockerd did not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return {
    host,
    async stop() {
      child.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
