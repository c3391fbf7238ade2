import type { Files, World } from './runner.ts';

/*
 * A small monorepo, written inline: three services of a few lines each. `web` depends on `api`; `job` stands alone.
 */

interface ServerOptions {
  /** Status that its `/healthz` answers; default 200. */
  readonly health?: number;
  /** Waits so long before it listens, in milliseconds; `never` does not listen at all. */
  readonly listensAfter?: number | 'never';
  /** Printed when it starts. */
  readonly says?: string;
}

/** A service: answers its version on every path but `/healthz`. */
export function server(version: string, options: ServerOptions = {}): string {
  const listen = `server.listen(Number(process.env.PORT), '127.0.0.1');`;
  const { listensAfter = 0 } = options;
  const start = listensAfter === 0 ? listen : `setTimeout(() => { ${listen} }, ${listensAfter});`;
  return [
    `import { createServer } from 'node:http';`,
    `console.log(${JSON.stringify(options.says ?? `${version} starts`)});`,
    `const server = createServer((request, response) => {`,
    `  response.statusCode = request.url === '/healthz' ? ${options.health ?? 200} : 200;`,
    `  response.end(${JSON.stringify(version)});`,
    `});`,
    listensAfter === 'never' ? 'setInterval(() => {}, 1000);' : start,
    `process.on('SIGTERM', () => process.exit(0));`,
  ].join('\n');
}

/** A service file with an image of the folder `src`. */
export const serviceFile = (more: Readonly<Record<string, unknown>> = {}) => ({
  image: {
    native: { base: 'scratch', layers: [{ from: 'src', to: '/app' }], entrypoint: ['node', '/app/server.mjs'] },
  },
  ...more,
});

/** slipway.yml of a world: environments dev (development) and production after it, deployed to local processes. */
export const slipwayFile = (world: World, more: Readonly<Record<string, unknown>> = {}) => ({
  version: 1,
  registry: `${world.registry.host}/acme/shop`,
  services: ['services/*'],
  environments: { dev: {}, production: { after: 'dev' } },
  image: { reuse: 'tag' },
  deploy: {
    target: { kind: 'local', directory: `${world.runtime}/{environment}/{service}` },
    verify: { http: [{ url: '{url}/healthz', within: '3s' }] },
    timeout: '20s',
  },
  ...more,
});

/** All files of the monorepo. */
export const monorepo = (world: World, more: Readonly<Record<string, unknown>> = {}): Files => ({
  'slipway.yml': slipwayFile(world, more),
  'services/api/slipway.service.yml': serviceFile({ team: 'core' }),
  'services/api/src/server.mjs': server('api-1'),
  'services/web/slipway.service.yml': serviceFile({ dependencies: { services: ['api'] } }),
  'services/web/src/server.mjs': server('web-1'),
  'services/job/slipway.service.yml': serviceFile(),
  'services/job/src/server.mjs': server('job-1'),
});

/** Path of the program of a service. */
export const programOf = (service: string): string => `services/${service}/src/server.mjs`;
