import { createServer } from 'node:http';

const products = [
  { id: 'kettle', name: 'Kettle' },
  { id: 'teapot', name: 'Teapot' },
];

const server = createServer((request, response) => {
  const known = ['/', '/healthz', '/readyz'].includes(request.url);
  const body = request.url === '/' ? products : { ok: known };
  response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () =>
  console.log(`catalog listens on ${server.address().port}`),
);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
