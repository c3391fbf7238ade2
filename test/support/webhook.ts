import { createServer } from 'node:http';

interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Webhook {
  readonly url: string;
  /** Everything that was sent to it, oldest first. */
  readonly received: Received[];
  /** What it answers from now on. */
  answer: { status: number; body: string };
  close(): Promise<void>;
}

/** A server on loopback that takes whatever is posted to it. */
export async function startWebhook(): Promise<Webhook> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
    response.writeHead(hook.answer.status).end(hook.answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const hook: Webhook = {
    url: `http://127.0.0.1:${port}/events`,
    received,
    answer: { status: 202, body: '' },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return hook;
}
