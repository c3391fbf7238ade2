import { connect, createServer } from 'node:net';

/** Programs listen on one or the other when they are told `localhost`, on either when they are told nothing. */
const HOSTS = ['127.0.0.1', '::1'] as const;
const CONNECT_MS = 1_000;

/** A port that nothing listens on now. Another program may take it before it is used; then the start fails, and says so. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** The host of this machine on which a port accepts connections; undefined: it does not. */
export async function accepting(port: number): Promise<(typeof HOSTS)[number] | undefined> {
  for (const host of HOSTS) if (await accepts(host, port)) return host;
  return undefined;
}

export const urlOf = (host: string, port: number): string =>
  host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(CONNECT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
