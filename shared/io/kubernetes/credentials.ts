import { readFile } from 'node:fs/promises';
import { type Clock, userError } from '../../model/index.ts';
import type { ClientCertificate, Login } from './access.ts';
import { askPlugin, type GivenCredential } from './exec-plugin.ts';

/** What one request is sent with. */
export interface Presented {
  readonly authorization: string | undefined;
  readonly certificate: ClientCertificate | undefined;
}

/** A credential that ends so soon is not begun with. */
const EARLY_MS = 30_000;

interface CredentialDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Told of every secret that comes up, so that no log line has it. */
  readonly learn: (secret: string) => void;
}

/** Who a client is, renewed as it runs out: deploys last longer than the tokens of clouds do. */
export class Credentials {
  readonly #login: Login;
  readonly #deps: CredentialDeps;
  #given: Promise<GivenCredential> | undefined;

  constructor(login: Login, deps: CredentialDeps) {
    this.#login = login;
    this.#deps = deps;
    for (const secret of [login.token, login.basic?.password]) if (secret) deps.learn(secret);
  }

  async present(): Promise<Presented> {
    const { certificate, token, tokenFile, basic, exec } = this.#login;
    if (exec !== undefined) {
      const given = await this.#plugged();
      const authorization = given.token && `Bearer ${given.token}`;
      return { authorization, certificate: given.certificate ?? certificate };
    }
    if (tokenFile !== undefined) return { authorization: `Bearer ${await this.#tokenIn(tokenFile)}`, certificate };
    if (token !== undefined) return { authorization: `Bearer ${token}`, certificate };
    if (basic === undefined) return { authorization: undefined, certificate };
    const text = Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
    return { authorization: `Basic ${text}`, certificate };
  }

  /** After a 401: whether there is anything new to try with. */
  forget(): boolean {
    this.#given = undefined;
    return this.#login.exec !== undefined || this.#login.tokenFile !== undefined;
  }

  async #plugged(): Promise<GivenCredential> {
    const given = await this.#given;
    if (given !== undefined && (given.expires === undefined || given.expires - EARLY_MS > this.#deps.clock.now())) {
      return given;
    }
    const { exec } = this.#login;
    if (exec === undefined) return { token: undefined, certificate: undefined, expires: undefined };
    const asked = askPlugin(exec, withoutInputs(this.#deps.env));
    this.#given = asked;
    // A refusal is not kept: the next request asks again.
    asked.catch(() => {
      if (this.#given === asked) this.#given = undefined;
    });
    const fresh = await asked;
    for (const secret of [fresh.token, fresh.certificate?.key]) if (secret) this.#deps.learn(secret);
    return fresh;
  }

  async #tokenIn(path: string): Promise<string> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw userError('kubeconfig-invalid', `The token file ${path} cannot be read.`, { cause: error });
    });
    this.#deps.learn(text.trim());
    return text.trim();
  }
}

/** A plugin needs the logins of the step's environment, but not the action's inputs, of which one is a token. */
const withoutInputs = (env: CredentialDeps['env']) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('INPUT_')));
