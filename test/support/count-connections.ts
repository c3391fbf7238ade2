import { createServer } from 'node:http';
import { keptOpen } from '../../shared/io/registry/keep-alive.ts';

/*
 * A program: asks a server by HEAD ten times, with Node's own `fetch` and with the one of the registry client, and prints
 * how many connections each needed. In a process of its own, since test environments hide where `fetch` keeps its pools.
 */

const REQUESTS = 10;

async function connectionsOf(fetch: typeof globalThis.fetch): Promise<number> {
  let connections = 0;
  const server = createServer((request, response) => {
    response.setHeader('Content-Length', 5);
    response.end(request.method === 'HEAD' ? undefined : 'hello');
  }).on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  for (let count = 0; count < REQUESTS; count += 1) {
    const head = await fetch(url, { method: 'HEAD' });
    if (head.headers.get('content-length') !== '5') throw new Error('a wrong answer');
    await head.body?.cancel();
  }
  if ((await (await fetch(url)).text()) !== 'hello') throw new Error('a wrong answer');
  server.closeAllConnections();
  server.close();
  return connections;
}

await (await globalThis.fetch('data:,')).text(); // Node loads its `fetch` when it is first called.
console.log(
  JSON.stringify({ own: await connectionsOf(globalThis.fetch), kept: await connectionsOf(keptOpen(globalThis.fetch)) }),
);
