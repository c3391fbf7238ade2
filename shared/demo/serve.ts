import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  json: 'application/json',
  jsonl: 'application/jsonl',
};

/** Serves the files of the board on loopback. */
export async function serveBoard(site: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').split('?')[0]?.slice(1) || 'index.html';
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (type === undefined || !/^[\w-]+\.\w+$/.test(name)) return void response.writeHead(404).end();
    try {
      const body = readFileSync(join(site, name));
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
