import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key pair that cosign made. */
export interface CosignKey {
  readonly password: string;
  readonly publicFile: string;
  readonly privateFile: string;
  readonly publicPem: string;
  readonly privatePem: string;
}

interface Said {
  readonly ok: boolean;
  readonly text: string;
}

/** The real cosign, in a folder of its own: no network, no log of transparency. */
export class Cosign {
  readonly #folder: string;
  #keys = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Cosign> {
    return new Cosign(await mkdtemp(join(tmpdir(), 'slipway-cosign-')));
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  async newKey(password: string): Promise<CosignKey> {
    this.#keys += 1;
    const prefix = join(this.#folder, `key-${this.#keys}`);
    const made = await this.run(password, 'generate-key-pair', '--output-key-prefix', prefix);
    if (!made.ok) throw new Error(made.text);
    const [publicFile, privateFile] = [`${prefix}.pub`, `${prefix}.key`];
    const [publicPem, privatePem] = await Promise.all([readFile(publicFile, 'utf8'), readFile(privateFile, 'utf8')]);
    return { password, publicFile, privateFile, publicPem, privatePem };
  }

  sign(key: CosignKey, image: string): Promise<Said> {
    const offline = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
    return this.run(key.password, 'sign', '--key', key.privateFile, ...offline, image);
  }

  /** Says something else about an image than that it is good. */
  attest(key: CosignKey, image: string, predicate: string): Promise<Said> {
    const offline = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '--yes'];
    const about = ['--type', 'https://example.org/scan', '--predicate', predicate];
    return this.run(key.password, 'attest', '--key', key.privateFile, ...about, ...offline, image);
  }

  verify(key: CosignKey, image: string, ...more: readonly string[]): Promise<Said> {
    const offline = ['--insecure-ignore-tlog=true', '--allow-http-registry'];
    return this.run('', 'verify', '--key', key.publicFile, ...offline, ...more, image);
  }

  run(password: string, ...args: readonly string[]): Promise<Said> {
    const env = { PATH: process.env['PATH'], HOME: this.#folder, COSIGN_PASSWORD: password };
    return new Promise((resolve) => {
      execFile('cosign', args, { env, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
        resolve({ ok: error === null, text: `${stdout}${stderr}` });
      });
    });
  }
}
