import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type JobSettings, type Ran, World } from '../support/runner.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const ZEROS = '0'.repeat(40);

const service = (more: object = {}) => ({ image: { builder: 'none' }, ...more });
const files = (environments: object) => ({
  'slipway.yml': { version: 1, services: ['services/*'], environments, 'shared-paths': ['ci/**'] },
  'services/api/slipway.service.yml': service({ team: 'core', runner: 'big', matrix: { shard: 3 } }),
  'services/api/main.js': '1',
  'services/web/slipway.service.yml': service({ dependencies: { services: ['api'] } }),
  'services/web/main.js': '1',
  'services/job/slipway.service.yml': service(),
  'services/job/main.js': '1',
});

const selected = (ran: Ran): readonly string[] => JSON.parse(ran.outputs['services'] ?? 'null');
const reasons = (ran: Ran) => JSON.parse(readFileSync(ran.outputs['reasons-file'] ?? '', 'utf8'));
const reasonOf = (ran: Ran, name: string): string =>
  reasons(ran)
    .services.find((it: { service: string }) => it.service === name)
    .why.join(' ');

describe('without environments: the push counts', () => {
  let world: World;
  let first: string;
  beforeAll(async () => {
    world = await World.start();
    first = world.push(files({}), 'Begin');
  });
  afterAll(() => world.close());

  test('the first push selects everything, as a matrix, with the reasons', async () => {
    const ran = await world.detect({}, { before: ZEROS });
    expect(ran).toMatchObject({ conclusion: 'success', exitCode: 0, annotations: [] });
    expect(ran.outputs).toMatchObject({ any: 'true', count: '3', services: '["api","job","web"]', head: first });
    expect(JSON.parse(ran.outputs['matrix'] ?? '').include[0]).toEqual({
      service: 'api',
      path: 'services/api',
      repository: 'ghcr.io/acme/shop/api',
      team: 'core',
      runner: 'big',
      shard: 3,
    });
    expect(reasonOf(ran, 'web')).toContain('first push');
    expect(ran.report).toMatchObject({ schema: 1, action: 'detect-changed-services', status: 'changed', count: 3 });
    expect(ran.summary).toContain('### 3 of 3 services selected');
    expect(ran.outputs['report']).not.toContain('\n');
  });

  test('a change selects what it concerns; what depends on it comes along; nothing changed is nothing', async () => {
    const web = world.push({ 'services/web/main.js': '2' });
    expect(selected(await world.detect())).toEqual(['web']);
    const api = world.push({ 'services/api/main.js': '2' });
    const ran = await world.detect();
    expect(selected(ran)).toEqual(['api', 'web']);
    expect(ran.outputs).toMatchObject({ base: web, head: api });
    expect(reasonOf(ran, 'web')).toContain('depends on api');
    world.push({ 'README.md': 'words' });
    const none = await world.detect();
    expect(none.outputs).toMatchObject({ any: 'false', count: '0', services: '[]', matrix: '{"include":[]}' });
    expect(none.outputs['matrix-chunks']).toBe('[]');
    world.push({ 'ci/build.sh': 'true' });
    expect(selected(await world.detect())).toEqual(['api', 'job', 'web']);
  });

  test('a force push is compared with what was there before; without that commit, everything', async () => {
    const before = world.push({ 'services/job/main.js': 'will be gone' });
    world.git('reset', '--quiet', '--hard', 'HEAD~1');
    world.push({ 'services/web/main.js': 'forced' });
    const payload = { before, forced: true };
    const forced = await world.detect({}, { event: { name: 'push', payload } });
    expect(selected(forced)).toEqual(['job', 'web']);
    const unknown = { name: 'push', payload: { before: 'b'.repeat(40), forced: true } };
    expect(selected(await world.detect({}, { event: unknown }))).toEqual(['api', 'job', 'web']);
    const strict = await world.detect({ 'on-unknown-base': 'fail' }, { event: unknown });
    expect(strict).toMatchObject({ conclusion: 'failure', exitCode: 1 });
    expect(strict.annotations[0]?.message).toMatch(/^base-unknown .*fetch-depth: 0/);
    expect(strict.report).toMatchObject({ status: 'failed', reason: 'base-unknown' });
  });

  test('a pull request: the merge commit against its first parent, and the branch against the merge base', async () => {
    const base = world.git('rev-parse', 'main');
    world.git('checkout', '--quiet', '-b', 'feature');
    const head = world.commit({ 'services/job/main.js': 'feature' });
    world.git('push', '--quiet', 'origin', 'feature');
    world.git('checkout', '--quiet', 'main');
    const moved = world.push({ 'services/api/main.js': 'main went on' });
    world.git('merge', '--quiet', '--no-ff', '--no-edit', 'feature');
    const merge = world.git('rev-parse', 'HEAD');
    world.git('push', '--quiet', 'origin', `${merge}:refs/pull/7/merge`);
    world.git('reset', '--quiet', '--hard', moved);
    const payload = {
      pull_request: {
        number: 7,
        base: { ref: 'main', sha: base, repo: { full_name: 'acme/shop' } },
        head: { ref: 'feature', sha: head, repo: { full_name: 'acme/shop' } },
      },
    };
    const pull: JobSettings = { event: { name: 'pull_request', payload }, ref: 'refs/pull/7/merge', at: merge };
    const merged = await world.detect({}, { ...pull, workspace: shallow(world, 'refs/pull/7/merge') });
    expect(merged.outputs).toMatchObject({ services: '["job"]', base: moved, head: merge });
    const branch = await world.detect({}, { ...pull, workspace: world.checkout(head) });
    expect(branch.outputs).toMatchObject({ services: '["job"]', base, head });
  });

  test('another branch, a new branch, and a tag', async () => {
    world.git('checkout', '--quiet', '-b', 'topic');
    const one = world.push({ 'services/web/main.js': 'topic' });
    const topic = { ref: 'refs/heads/topic' };
    expect(selected(await world.detect({}, { ...topic, before: ZEROS }))).toEqual(['web']);
    world.push({ 'services/job/main.js': 'topic' });
    expect((await world.detect({}, { ...topic, before: one })).outputs).toMatchObject({
      services: '["job"]',
      base: one,
    });
    world.git('checkout', '--quiet', 'main');
    world.git('tag', 'web/v1.0.0');
    const tagged = world.push({ 'services/web/main.js': 'tagged' });
    world.git('tag', 'web/v1.1.0');
    world.git('push', '--quiet', '--tags', 'origin');
    const ran = await world.detect({}, { at: tagged, ref: 'refs/tags/web/v1.1.0' });
    expect(ran.outputs).toMatchObject({ services: '["web"]', base: world.git('rev-parse', 'web/v1.0.0') });
  });

  test('asked for by name: some, all, and a name that is none', async () => {
    expect(selected(await world.detect({ select: 'web, job' }))).toEqual(['job', 'web']);
    expect(selected(await world.detect({ select: 'all' }))).toEqual(['api', 'job', 'web']);
    const wrong = await world.detect({ select: 'wep' });
    expect(wrong).toMatchObject({ conclusion: 'failure', report: { reason: 'service-unknown' } });
    expect(wrong.annotations).toHaveLength(1);
    expect(wrong.annotations[0]?.message).toMatch(/^service-unknown .*wep/);
    expect(wrong.outputs).not.toHaveProperty('services');
  });

  test('a base by name', async () => {
    const ran = await world.detect({ base: first });
    expect(ran.outputs['base']).toBe(first);
    expect((await world.detect({ base: 'web/v1.0.0' })).outputs['services']).toBe('["web"]');
    const none = await world.detect({ base: 'no-such-branch' });
    expect(reasonOf(none, 'job')).toContain('no commit no-such-branch');
  });

  test('a clone of depth 1 gets what it lacks; when the remote is gone, everything is selected', async () => {
    world.push({ 'services/job/main.js': 'shallow' });
    const workspace = shallow(world, 'main');
    expect(selected(await world.detect({}, { workspace }))).toEqual(['job']);
    world.gitIn(workspace, 'remote', 'set-url', 'origin', join(world.root, 'nowhere'));
    const config = readFileSync(join(workspace, '.git', 'config'), 'utf8');
    const gone = await world.detect({}, { workspace });
    expect(gone).toMatchObject({ conclusion: 'success', outputs: { services: '["api","job","web"]' } });
    expect(readFileSync(join(workspace, '.git', 'config'), 'utf8')).toBe(config);
  });

  test('names of files are never commands, and never in outputs', async () => {
    const names = [
      '::error::pwned',
      '::set-output name=any::pwned',
      '##[error]pwned',
      'a\n::add-mask::pwned',
      '$(touch pwned)',
      '`pwned`',
      '|pwned|',
      '\u001b[31mpwned',
      'pwned\u202e',
    ];
    world.push(Object.fromEntries(names.map((name) => [`services/job/${name.replaceAll('/', '')}/x`, 'odd'])));
    const ran = await world.detect();
    expect(selected(ran)).toEqual(['job']);
    expect(ran.annotations).toEqual([]);
    const commands = ran.unmasked.split('\n').flatMap((line) => /^\s*(::[\w-]+|##\[\w+)/.exec(line)?.[1] ?? []);
    expect(new Set(commands)).toEqual(new Set(['::group', '::endgroup']));
    for (const value of Object.values(ran.outputs)) expect(value).not.toContain('pwned');
    for (const it of ['|pwned|', '`pwned`', '\u001b', '\u202e']) expect(ran.summary).not.toContain(it);
    expect(JSON.stringify(reasons(ran))).toContain('pwned');
  });
});

describe('services of the input', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
    world.push({ 'a/x': '1', 'b/x': '1' });
    world.push({ 'b/x': '2' });
  });
  afterAll(() => world.close());

  test('no configuration is needed', async () => {
    const ran = await world.detect({ services: 'a: [a/**]\nb: [b/**]' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { services: '["b"]' } });
    const without = await world.detect();
    expect(without.annotations[0]?.message).toMatch(/^config-missing .*slipway.yml/);
  });

  test('more than a matrix can have: chunks, and an error that says so', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `s${String(index).padStart(3, '0')}`);
    const services = JSON.stringify(names.map((name) => ({ name, paths: [`${name}/**`] })));
    const ran = await world.detect({ services, select: 'all' });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { count: '300' } });
    expect(JSON.parse(ran.outputs['matrix'] ?? '').include).toHaveLength(256);
    const chunks = JSON.parse(ran.outputs['matrix-chunks'] ?? '');
    expect(chunks.map((it: { include: unknown[] }) => it.include.length)).toEqual([256, 44]);
    expect(ran.annotations).toMatchObject([{ level: 'error', message: expect.stringContaining('matrix-chunks') }]);
    expect(ran.log.length).toBeLessThan(100);
  });
});

describe('with environments: what runs there counts', () => {
  let world: World;
  let first: string;
  beforeAll(async () => {
    world = await World.start();
    first = world.push(files({ dev: {}, production: { after: 'dev' } }));
  });
  afterAll(() => world.close());

  const record = async (name: string, environment: string, commit: string, more: Record<string, string> = {}) => {
    const image = `ghcr.io/acme/shop/${name}@${DIGEST}`;
    const inputs = { service: name, environment, image, commit, status: 'success', ...more };
    const ran = await world.run('record-deploy-event', inputs);
    expect(ran.conclusion).toBe('success');
  };

  test('each service has the commit that runs as its base, in every environment it goes to', async () => {
    const none = await world.detect();
    expect(selected(none)).toEqual(['api', 'job', 'web']);
    expect(reasonOf(none, 'api')).toContain('Nothing is recorded as running in dev');
    for (const name of ['api', 'job', 'web']) {
      await record(name, 'dev', first);
      await record(name, 'production', first);
    }
    const same = await world.detect();
    expect(same.outputs).toMatchObject({ any: 'false', base: first });
    // One push was never deployed: the next detection still finds it.
    world.push({ 'services/job/main.js': '2' });
    const second = world.push({ 'services/web/main.js': '2' });
    expect(selected(await world.detect())).toEqual(['job', 'web']);
    await record('job', 'dev', second);
    await record('web', 'dev', second);
    const ran = await world.detect();
    expect(selected(ran)).toEqual(['job', 'web']);
    expect(ran.outputs['base']).toBe('');
    expect(selected(await world.detect({ environments: 'dev' }))).toEqual([]);
    expect(selected(await world.detect({ base: 'deployed:dev' }))).toEqual([]);
    expect(selected(await world.detect({ base: 'deployed:production' }))).toEqual(['job', 'web']);
  });

  test('a deploy without an end, and a record that cannot be believed, select', async () => {
    const head = world.git('rev-parse', 'HEAD');
    await record('job', 'production', head);
    await record('web', 'production', head);
    expect(selected(await world.detect())).toEqual([]);
    const started = world.job({ run: '77' });
    const image = `ghcr.io/acme/shop/job@sha256:${'b'.repeat(64)}`;
    await started.step({
      uses: join(process.env['SLIPWAY_LIBRARY'] ?? '', 'actions/record-deploy-event'),
      with: { service: 'job', environment: 'dev', phase: 'start', image },
    });
    started.kill();
    const doubt = await world.detect();
    expect(selected(doubt)).toEqual(['job']);
    expect(reasonOf(doubt, 'job')).toContain('no known end');
    world.gitIn(world.remote, 'update-ref', 'refs/slipway/v1/dev/api', head);
    const forged = await world.detect();
    expect(selected(forged)).toEqual(['api', 'job']);
    expect(reasonOf(forged, 'api')).toContain("can't be believed");
  });

  test('a ledger that cannot be read is a warning, and everything is selected', async () => {
    const workspace = world.checkout(world.git('rev-parse', 'HEAD'), '--no-local');
    world.gitIn(workspace, 'remote', 'set-url', 'origin', join(world.root, 'nowhere'));
    const ran = await world.detect({}, { workspace });
    expect(ran).toMatchObject({ conclusion: 'success', outputs: { services: '["api","job","web"]' } });
    expect(ran.annotations).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/^ledger-unavailable /) },
    ]);
  });

  test('services are selected by a list, as the output has it too; a list of none is a slip', async () => {
    for (const select of ['api, job', '["api","job"]', 'job\napi']) {
      expect((await world.detect({ select })).outputs['services']).toBe('["api","job"]');
    }
    for (const select of [',', '[]']) {
      expect(await world.detect({ select })).toMatchObject({
        conclusion: 'failure',
        report: { reason: 'input-invalid' },
      });
    }
  });

  test('classes of environments can be refused, before anything is done', async () => {
    const refuse = { 'refuse-classes': 'production', select: 'api' };
    const ran = await world.detect({ ...refuse, environments: 'production' });
    expect(ran).toMatchObject({ conclusion: 'failure', report: { reason: 'input-invalid' } });
    expect((await world.detect({ ...refuse, environments: 'dev' })).conclusion).toBe('success');
    // What runs in one environment says nothing about another.
    const apart = await world.detect({ environments: 'dev', base: 'deployed:production' });
    expect(apart).toMatchObject({ conclusion: 'failure', report: { reason: 'input-invalid' } });
    const unknown = await world.detect({ environments: 'stagin' });
    expect(unknown.annotations[0]?.message).toMatch(/^environment-unknown .*stagin/);
  });
});

const shallow = (world: World, ref: string): string => {
  const folder = join(world.root, `shallow-${ref.replaceAll('/', '-')}`);
  world.gitIn(world.root, 'init', '--quiet', '--template=', folder);
  world.gitIn(folder, 'remote', 'add', 'origin', `file://${world.remote}`);
  world.gitIn(folder, 'fetch', '--quiet', '--depth=1', 'origin', ref);
  world.gitIn(folder, 'checkout', '--quiet', '--detach', 'FETCH_HEAD');
  return folder;
};
