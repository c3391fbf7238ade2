import type { ImageRef } from '../../shared/model/index.ts';
import type { ImageShelf } from './image-shelf.ts';

/** Answers with its version, its environment, its arguments and its folder. */
const SERVER = `
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const version = readFileSync(__dirname + '/version.txt', 'utf8');
process.on('SIGTERM', () => process.exit(0));
console.log('\\u001b[32mlistening\\u001b[0m ' + version);
createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ version, pid: process.pid, env: process.env, argv: process.argv, cwd: process.cwd() }));
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

const image = (server: string) => (shelf: ImageShelf, version: string) =>
  shelf.add({
    layers: [{ 'app/server.js': server, 'app/data/big.txt': 'x'.repeat(10_000) }, { 'app/version.txt': version }],
    config: {
      Entrypoint: ['node', '/app/server.js'],
      Cmd: ['--data=/app/data', '/nowhere'],
      Env: ['GREETING=hello', 'DATA=/app/data', 'PATH=/usr/bin:/app'],
      WorkingDir: '/app/data',
    },
  });

const serverImage = image(SERVER);
const crashingImage = image(
  `console.log('connecting');\nconsole.error('the database is locked');\nprocess.exitCode = 3;`,
);
const silentImage = image('setInterval(() => {}, 1000);');
/** Does not end for SIGTERM. */
export const stubbornImage = image(
  SERVER.replace(`process.on('SIGTERM', () => process.exit(0));`, `process.on('SIGTERM', () => {});`),
);

/** Image for each version: `v…` a server, `crash…`, `silent…`. */
export function imageFor(shelf: ImageShelf, version: string): Promise<ImageRef> {
  if (version.startsWith('crash')) return crashingImage(shelf, version);
  return version.startsWith('silent') ? silentImage(shelf, version) : serverImage(shelf, version);
}
