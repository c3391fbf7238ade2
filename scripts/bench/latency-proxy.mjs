import { connect, createServer } from 'node:net';

/**
 * A proxy on loopback that makes a server seem far away: every byte takes half of the round trip each way, and the first
 * ones of a connection a whole one more, which is what TCP's handshake costs.
 *
 * @param {number} port of the server
 * @param {number} roundTripMs
 */
export async function startLatencyProxy(port, roundTripMs) {
  const counts = { connections: 0 };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    counts.connections += 1;
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    delay(near, far, roundTripMs / 2, roundTripMs);
    delay(far, near, roundTripMs / 2, 0);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.close();
  };
  return { port: server.address().port, counts, close };
}

/** Hands on what arrives, later, in its order. Nothing is held back, so that throughput stays what it is. */
function delay(from, to, ms, firstMs) {
  const queue = [];
  let extra = firstMs;
  const flush = () => {
    while (queue.length > 0 && queue[0].due <= performance.now()) queue.shift().act();
    // Timers of different lengths may end in another order than they should: there is one at a time.
    if (queue.length > 0) setTimeout(flush, Math.max(0, queue[0].due - performance.now()));
  };
  const later = (act) => {
    queue.push({ act, due: Math.max(queue.at(-1)?.due ?? 0, performance.now() + ms + extra) });
    extra = 0;
    if (queue.length === 1) setTimeout(flush, Math.max(0, queue[0].due - performance.now()));
  };
  from.on('data', (chunk) => later(() => to.destroyed || to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
}
