import { createServer } from 'node:http';

/**
 * Serves routes (`path → handler`, a handler gives what becomes JSON) on PORT, with `/healthz` (it answers) and
 * `/readyz` (it can do its work: `ready` gives nothing or throws).
 */
export function serve(name, routes, ready = () => {}) {
  const all = { '/healthz': () => ({ ok: true }), '/readyz': () => ready() ?? { ok: true }, ...routes };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const [status, body] = await answer(name, all[path]);
    response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
  });
  server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () =>
    console.log(`${name} listens on ${server.address().port}`),
  );
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
}

async function answer(name, handler) {
  if (handler === undefined) return [404, { error: 'not found' }];
  try {
    return [200, await handler()];
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    return [500, { error: error.message }];
  }
}
