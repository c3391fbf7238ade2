import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RegistryReply } from '../../shared/demo/registry-replies.ts';
import { monorepo, programOf, server, slipwayFile } from '../support/monorepo.ts';
import { basicAuth } from '../support/registry-faults.ts';
import { contentOf, type Ran, TOKEN, World } from '../support/runner.ts';
import { startWebhook, type Webhook } from '../support/webhook.ts';

/** Known only by its form, as GitHub gives them. */
const LEAKED = `ghp_${'A1b2C3d4E5'.repeat(4)}`;
/** Known by the name of its variable. */
const PASSWORD = 'correct horse/battery+staple';
const SECRETS = [TOKEN, LEAKED, PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(PASSWORD).toString('base64')];
const everything = SECRETS.join(' and ');
const env = { DEPLOY_PASSWORD: PASSWORD };

let world: World;
let hook: Webhook;
let registryFails: RegistryReply | undefined;
const rans: Ran[] = [];
beforeAll(async () => {
  hook = await startWebhook();
  world = await World.start({
    around: (_request, answer) => (registryFails === undefined ? answer() : Promise.resolve(registryFails)),
  });
  world.push(monorepo(world, { sinks: [{ kind: 'webhook', name: 'hook', url: hook.url }] }));
});
afterAll(async () => {
  await Promise.all([world.close(), hook.close()]);
});

async function run(...[action, inputs, settings]: Parameters<World['run']>): Promise<Ran> {
  const ran = await world.run(action, inputs, { env, ...settings });
  rans.push(ran);
  return ran;
}
const deploy = (inputs: Record<string, string>, settings: Parameters<World['run']>[2] = {}) =>
  run('deploy-to-env', { service: 'api', environment: 'dev', ...inputs }, settings);

test('what a service prints, and what people write, reaches nobody with a secret in it', async () => {
  const first = await deploy({ image: await world.build('api') });
  expect(first.outputs['status']).toBe('deployed');
  const says = `connecting with ${everything}\npassword=${PASSWORD}`;
  world.push({ [programOf('api')]: server('bad', { health: 500, says }) }, `Use ${everything}`);
  const image = await world.build('api');
  const bad = await deploy({ image, reason: `because of ${everything}`, version: `v-${LEAKED}` });
  expect(bad.outputs['status']).toBe('rolled-back-after-failure');
  expect(bad.summary).toContain('connecting with ***');
  expect(JSON.stringify(world.events('api', 'dev'))).toContain('Use ***');
  // A start that fails at once tells its last line, in the sentence itself.
  world.push({ [programOf('api')]: `console.log(${JSON.stringify(everything)}); process.exit(1);` });
  expect((await deploy({ image: await world.build('api') })).outputs['reason']).toBe('start-failed');
  expect((await run('detect-changed-services', {})).conclusion).toBe('success');
  const recorded = { service: 'web', environment: 'dev', image, version: `v-${LEAKED}`, incident: everything };
  const started = await run('record-deploy-event', { ...recorded, phase: 'start' });
  expect([started.conclusion, world.events('web', 'dev').length]).toEqual(['success', 2]);
});

test('neither does what a registry, a sink or git answers', async () => {
  world.push({ [programOf('api')]: server('api-2') });
  const image = await world.build('api');
  hook.answer = { status: 400, body: everything };
  expect((await deploy({ image })).annotations[0]?.message).toMatch(/^sink-failed/);
  const message = JSON.stringify({ errors: [{ code: 'DENIED', message: everything }] });
  registryFails = { status: 403, headers: { 'Content-Type': 'application/json' }, body: message };
  const denied = await run('build-and-tag-image', { service: 'web', push: 'always' });
  expect(denied.report['reason']).toBe('registry-denied');
  registryFails = undefined;
  world.hook(`echo '${everything}'; exit 1`);
  const refused = await deploy({ mode: 'rollback' });
  expect(refused.annotations.map((it) => it.message).join()).toContain('ledger-unavailable');
  world.hook('exit 0');
  const missing = await deploy({
    ledger: `https://ann:${encodeURIComponent(PASSWORD)}@127.0.0.1:9/x.git`,
    mode: 'rollback',
  });
  expect(missing.report['reason']).toBe('ledger-unavailable');
});

test('inputs that are wrong are told without what was in them', async () => {
  const wrong = await deploy({ image: everything, mode: everything, 'lock-wait': everything });
  expect(wrong.conclusion).toBe('failure');
  world.push({ 'slipway.yml': { version: 1, registry: everything, [everything]: 1 } });
  expect((await run('detect-changed-services', {})).report['reason']).toBe('config-invalid');
});

test('it is nowhere: log, commands, outputs, state, summary, ledger, target, board, clones, sinks', async () => {
  world.git('checkout', '--quiet', 'HEAD~1');
  const board = await run('publish-deploy-board', { output: join(world.root, 'site') });
  expect(board.outputs['verified']).toBe('true');
  expect(rans.length).toBeGreaterThan(8);
  const written = {
    steps: rans.flatMap((it) => [it.unmasked, ...it.posts.map((post) => post.unmasked)]).join('\n'),
    ledger: world.gitIn(
      world.remote,
      'log',
      '-p',
      '--format=%B',
      '--glob=refs/slipway',
      '--glob=refs/heads/slipway-ledger',
      '--not',
      'main',
    ),
    board: Object.values(contentOf(join(world.root, 'site'))).join('\n'),
    // Images and logs of processes are the service's own.
    target: textsIn(world.runtime, /^(?!.*images).*(state|intent|lease)\.json$/),
    clones: textsIn(join(world.root, 'work'), /\.git\/config$/),
    temp: textsIn(join(world.root, 'temp'), /slipway\/[^/]*\.json$/),
    hooks: JSON.stringify(hook.received),
  };
  for (const [where, text] of Object.entries(written)) {
    expect(text.length).toBeGreaterThan(0);
    for (const secret of SECRETS) expect([where, text.includes(secret)]).toEqual([where, false]);
  }
});

test('a login to a registry is known as soon as it is read, wherever its password then turns up', async () => {
  const password = 'of-the-registry/7Z';
  const pair = Buffer.from(`ci:${password}`).toString('base64');
  const own = await World.start({ around: basicAuth('ci', password) });
  try {
    const folder = own.emptyFolder();
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [own.registry.host]: { auth: pair } } }));
    const settings = { env: { DOCKER_CONFIG: folder } };
    own.push({ ...monorepo(own), [programOf('api')]: `console.log('as ci:${password} ${pair}'); process.exit(1);` });
    const image = await own.build('api', settings);
    const ran = await own.deploy({ service: 'api', environment: 'dev', image }, settings);
    expect(ran.outputs['reason']).toBe('start-failed');
    const written = [ran.unmasked, ran.summary, JSON.stringify(own.events('api', 'dev'))].join();
    expect(written).toContain('as ci:*** ***');
    for (const secret of [password, pair]) expect(written).not.toContain(secret);
  } finally {
    await own.close();
  }
});

test('a secret in the address of a check is not in what is kept for `post:`', async () => {
  world.git('checkout', '--quiet', 'main');
  const config = slipwayFile(world);
  const verify = { http: [{ url: '{url}/healthz?for=of-the-check-77' }] };
  world.push({ ...monorepo(world), 'slipway.yml': { ...config, deploy: { ...config.deploy, verify } } });
  const ran = await world.deploy(
    { service: 'job', environment: 'dev', image: await world.build('job') },
    { env: { CHECK_TOKEN: 'of-the-check-77' } },
  );
  expect(ran.outputs['status']).toBe('deployed');
  expect(ran.state['saved']).toContain('/healthz?for=***');
  expect(ran.unmasked).not.toContain('of-the-check-77');
});

/** What is in the files of a folder whose path matches. */
function textsIn(folder: string, path: RegExp): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((it) => path.test(it));
  return names.map((it) => readFileSync(join(folder, it), 'utf8')).join('\n');
}
