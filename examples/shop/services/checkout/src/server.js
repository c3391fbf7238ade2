import { createServer } from 'node:http';
import { charge } from './payment.js';

const routes = {
  '/healthz': () => ({ ok: true }),
  '/readyz': () => charge({ cents: 0, currency: 'EUR' }),
  '/': () => ({ accepted: ['card', 'transfer'] }),
};

const server = createServer((request, response) => {
  const [status, body] = answer(routes[request.url]);
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
});

function answer(route) {
  if (route === undefined) return [404, { error: 'not found' }];
  try {
    return [200, route()];
  } catch (error) {
    console.error(`checkout: ${error.message}`);
    return [500, { error: error.message }];
  }
}

server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () =>
  console.log(`checkout listens on ${server.address().port}`),
);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
