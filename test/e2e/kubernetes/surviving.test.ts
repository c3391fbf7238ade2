import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Shop } from './shop.ts';

const APPLIED = /^applied; waiting/;
const SLOW = { READY_AFTER: '4s' };

describe('a runner that dies', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ deploy: { timeout: '60s' } });
    expect((await shop.deploy({ image: await shop.image('good') })).outputs['status']).toBe('deployed');
  });
  afterAll(() => shop.close());

  test('F04: in the middle: the next run of the same image adopts it, and it is live once', async () => {
    const image = await shop.image('slow', SLOW);
    shop.push('slow');
    const died = await shop.deploy({ image }, { run: '900', interrupt: { at: APPLIED, by: 'kill' } });
    expect(died.killedBy).toBe('SIGKILL');
    expect(shop.world.state('web', 'dev')).toMatchObject({ in_doubt: { owner: 'acme/shop/900/1/job' } });
    const next = await shop.deploy({ image }, { run: '900', attempt: 2 });
    expect(next.outputs).toMatchObject({ status: 'deployed', image });
    expect(await shop.running()).toEqual([image]);
    expect(shop.world.state('web', 'dev')).toMatchObject({ in_doubt: null });
    expect(
      shop.world
        .events('web', 'dev')
        .slice(-4)
        .map((it) => it['status']),
    ).toEqual(['in_progress', 'superseded', 'in_progress', 'success']);
  });

  test('F04: in the middle of a bad one: the next image comes over it, and goes back to what was good', async () => {
    const good = (await shop.live()).image;
    shop.push('bad');
    const bad = await shop.image('bad', { READY_AFTER: '1h' });
    const died = await shop.deploy({ image: bad }, { interrupt: { at: APPLIED, by: 'kill' } });
    expect(died.killedBy).toBe('SIGKILL');
    shop.push('worse', { deploy: { timeout: '8s' } });
    const next = await shop.deploy({ image: await shop.image('worse', { READY_AFTER: '1h' }) });
    expect(next.outputs).toMatchObject({ status: 'rolled-back-after-failure' });
    expect((await shop.live()).image).toBe(good);
    expect(await shop.running()).toEqual([good]);
  });

  test('F01: a run that is cancelled takes back in `post:` what it had begun', async () => {
    const good = (await shop.live()).image;
    shop.push('cancelled');
    const image = await shop.image('cancelled', { READY_AFTER: '1h' });
    const ran = await shop.deploy({ image }, { interrupt: { at: APPLIED, by: 'cancel' } });
    expect(ran.conclusion).not.toBe('success');
    expect((await shop.live()).image).toBe(good);
    expect(await shop.running()).toEqual([good]);
    expect(shop.world.state('web', 'dev')).toMatchObject({ in_doubt: null });
    expect(shop.world.events('web', 'dev').at(-1)).toMatchObject({ outcome: 'cancelled' });
  });
});

describe('two at once', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open({ deploy: { timeout: '60s' } });
    expect((await shop.deploy({ image: await shop.image('good') })).outputs['status']).toBe('deployed');
  });
  afterAll(() => shop.close());

  test('F10: one waits for the other; the newer commit is live at the end', async () => {
    const older = shop.push('older');
    const newer = shop.push('newer');
    const [a, b] = [await shop.image('older', SLOW), await shop.image('newer', SLOW)];
    const [first, second] = await Promise.all([
      shop.deploy({ image: a }, { at: older }),
      shop.deploy({ image: b }, { at: newer }),
    ]);
    expect(second.outputs['status']).toBe('deployed');
    expect(['deployed', 'superseded']).toContain(first.outputs['status']);
    expect((await shop.live()).image).toBe(b);
    expect(await shop.running()).toEqual([b]);
  });

  test('F10: one that does not wait ends locked, and has written nothing that runs', async () => {
    shop.push('slow one');
    const image = await shop.image('slow-one', SLOW);
    const other = await shop.image('other');
    let locked: ReturnType<Shop['deploy']> | undefined;
    const first = await shop.deploy(
      { image },
      {
        onLine: (line) => {
          if (APPLIED.test(line)) locked ??= shop.deploy({ image: other, 'lock-wait': '0s' });
        },
      },
    );
    expect((await locked)?.outputs).toMatchObject({ status: 'locked', changed: 'false' });
    expect(first.outputs['status']).toBe('deployed');
    expect((await shop.live()).image).toBe(image);
  });

  test('a rollback stops a deploy in flight: that one ends fenced, and takes nothing back', async () => {
    const good = (await shop.live()).image;
    shop.push('hurtful');
    const image = await shop.image('hurtful', { READY_AFTER: '1h' });
    let rollback: ReturnType<Shop['deploy']> | undefined;
    const first = await shop.deploy(
      { image },
      {
        onLine: (line) => {
          if (APPLIED.test(line)) rollback ??= shop.deploy({ mode: 'rollback' });
        },
      },
    );
    expect(first.outputs['status']).toBe('fenced');
    expect((await rollback)?.outputs).toMatchObject({ status: 'rolled-back', image: good });
    expect((await shop.live()).image).toBe(good);
    expect(await shop.running()).toEqual([good]);
  });

  test('a hand that sets another image meanwhile is told, and the next deploy settles it', async () => {
    shop.push('by hand');
    const image = await shop.image('by-hand', { READY_AFTER: '20s' });
    const hand = await shop.image('hand');
    let set: Promise<string> | undefined;
    const ran = await shop.deploy(
      { image },
      {
        onLine: (line) => {
          if (APPLIED.test(line)) set ??= shop.kubectl('set', 'image', 'deployment/web', `web=${hand}`);
        },
      },
    );
    await set;
    expect(ran.outputs).toMatchObject({ status: 'unknown', reason: 'target-drifted' });
    expect((await shop.live()).image).toBe(hand);
    shop.push('after the hand');
    const next = await shop.image('after');
    expect((await shop.deploy({ image: next })).outputs).toMatchObject({ status: 'deployed' });
    expect(await shop.running()).toEqual([next]);
    expect(shop.world.state('web', 'dev')).toMatchObject({ in_doubt: null });
  });
});

describe('a network that fails', () => {
  let shop: Shop;
  let wire: Wire;
  beforeAll(async () => {
    shop = await Shop.open({ deploy: { timeout: '90s' } });
    wire = await Wire.to(shop.server);
  });
  afterAll(async () => {
    wire.close();
    await shop.close();
  });

  test('F23: cut for some seconds in the middle, nothing is lost', async () => {
    const image = await shop.image('one', { READY_AFTER: '6s' });
    const ran = await shop.deploy(
      { image },
      {
        kubeconfig: shop.through(wire.url),
        onLine: (line) => {
          if (!APPLIED.test(line)) return;
          wire.cut();
          setTimeout(() => wire.mend(), 8_000);
        },
      },
    );
    expect(ran.outputs).toMatchObject({ status: 'deployed', image });
    expect(await shop.running()).toEqual([image]);
  });

  test('F26: gone until the end, the deploy is unknown and not taken back blindly; the next run settles it', async () => {
    shop.push('unseen', { deploy: { timeout: '10s' } });
    const image = await shop.image('unseen');
    const ran = await shop.deploy(
      { image },
      {
        kubeconfig: shop.through(wire.url),
        onLine: (line) => {
          if (APPLIED.test(line)) wire.cut();
        },
      },
    );
    expect(ran.outputs).toMatchObject({ status: 'unknown', reason: 'target-unavailable' });
    expect((await shop.live()).image).toBe(image);
    wire.mend();
    shop.push('seen', { deploy: { timeout: '60s' } });
    expect((await shop.deploy({ image })).outputs).toMatchObject({ status: 'deployed', image });
    expect(shop.world.state('web', 'dev')).toMatchObject({ in_doubt: null });
  });
});

/** A way to the API server that can be cut. */
class Wire {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to({ hostname, port }: URL): Promise<Wire> {
    const server = createServer((socket) => {
      if (wire.#isCut) return void socket.destroy();
      const there = connect(Number(port), hostname);
      for (const it of [socket, there]) {
        wire.#sockets.add(it);
        it.once('close', () => wire.#sockets.delete(it));
        it.on('error', () => it.destroy());
      }
      socket.pipe(there).pipe(socket);
    });
    const wire = new Wire(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const it of this.#sockets) it.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
