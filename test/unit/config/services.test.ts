import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../../shared/config/index.ts';
import { memoryFiles } from '../../support/memory-files.ts';
import { load, loadOne, OPTIONS, refusals } from './helpers.ts';

const TREE = {
  'services/api/slipway.service.yml': '',
  'services/web/Dockerfile': '',
  'services/notes/README.md': '',
  'services/group/deep/slipway.service.yml': '',
  'libs/money/slipway.service.yml': '',
  'libs/plain/go.mod': '',
  '.hidden/tool/Dockerfile': '',
  'node_modules/left-pad/slipway.service.yml': '',
  'services/api/node_modules/x/Dockerfile': '',
  '.git/hooks/Dockerfile': '',
};

/** Folders of the services that patterns find. */
async function found(patterns: readonly string[] | undefined, extra: Record<string, string> = {}): Promise<string[]> {
  const services = patterns === undefined ? '' : `services: ${JSON.stringify(patterns)}`;
  const config = await load({ ...TREE, ...extra, 'slipway.yml': `version: 1\n${services}` });
  return config.services.map(({ path }) => path).sort();
}

describe('patterns of services', () => {
  test.each<readonly [string, string[] | undefined, string[]]>([
    ['every service file by default', undefined, ['libs/money', 'services/api', 'services/group/deep']],
    ['folders with a service file or a Dockerfile', ['services/*'], ['services/api', 'services/web']],
    ['with a slash at the end, or a dot at the start', ['./services/*/'], ['services/api', 'services/web']],
    ['any depth', ['services/**'], ['services/api', 'services/group/deep', 'services/web']],
    ['any depth between', ['**/web'], ['services/web']],
    ['service files', ['libs/*/slipway.service.yml'], ['libs/money']],
    ['a part of a name', ['*/*w*'], ['services/web']],
    ['single letters', ['services/a?i'], ['services/api']],
    [
      'a folder named letter by letter, whatever is in it',
      ['services/notes', 'libs/plain'],
      ['libs/plain', 'services/notes'],
    ],
    ['folders whose names begin with a dot', ['*/tool'], ['.hidden/tool']],
    [
      'both a folder and its file',
      ['services/*', '**/slipway.service.yml'],
      ['libs/money', 'services/api', 'services/group/deep', 'services/web'],
    ],
    ['what is taken out again', ['services/*', '!services/web'], ['services/api']],
    ['what is in a folder that is taken out', ['**/slipway.service.yml', '!services'], ['libs/money']],
    ['taken out and in again', ['services/**', '!services/*', 'services/web'], ['services/web']],
    ['the last that matches wins', ['!services/web', 'services/*'], ['services/api', 'services/web']],
    ['without a slash: a folder of the root only', ['*'], []],
    ['nothing', [], []],
    [
      'never node_modules and .git',
      ['**'],
      ['.hidden/tool', 'libs/money', 'services/api', 'services/group/deep', 'services/web'],
    ],
  ])('%s', async (_name, patterns, folders) => {
    expect(await found(patterns)).toEqual(folders);
  });

  test('the root is a service under `.`, and under the default when it has a service file', async () => {
    expect(await found(['.'])).toEqual(['']);
    expect(await found(undefined, { 'slipway.service.yml': '' })).toContain('');
    const config = await load({ 'slipway.yml': 'version: 1', 'slipway.service.yml': '' });
    expect(config.services[0]).toMatchObject({
      name: 'Shop',
      path: '',
      image: { repository: 'ghcr.io/acme/shop/shop' },
    });
  });

  test('several services of one folder, each with a file of its own', async () => {
    const config = await load({
      'slipway.yml': 'version: 1\nservices: ["shop/*.yml"]',
      'shop/api.yml': 'name: api',
      'shop/worker.yml': 'name: worker',
    });
    expect(config.services.map(({ name, path }) => [name, path])).toEqual([
      ['api', 'shop'],
      ['worker', 'shop'],
    ]);
  });

  test('one that names a folder which is not there is an error', async () => {
    const problems = await refusals({ 'slipway.yml': 'version: 1\nservices: [api, web/x.yml, "none/*"]' });
    expect(problems.map((it) => [it.at?.column, it.sentence])).toEqual([
      [12, '`services` names `api`, but there is no such folder or service file.'],
      [17, '`services` names `web/x.yml`, but there is no such folder or service file.'],
    ]);
  });

  test('a file that is listed and cannot be read is an error', async () => {
    const files = memoryFiles({ 'slipway.yml': 'version: 1', 'a/slipway.service.yml': '' });
    const gone = {
      ...files,
      read: (path: string) => (path === 'slipway.yml' ? files.read(path) : Promise.resolve(undefined)),
    };
    await expect(loadConfig(gone, OPTIONS)).rejects.toThrow(
      'a/slipway.service.yml: config-invalid The file a/slipway.service.yml is listed, but cannot be read.',
    );
  });

  test('only folders that a pattern can lead to are read', async () => {
    const files = memoryFiles({ ...TREE, 'slipway.yml': 'version: 1\nservices: ["services/*", libs/money]' });
    await loadConfig(files, OPTIONS);
    expect([...new Set(files.listed)].sort()).toEqual(
      ['', 'libs', 'libs/money', 'services', 'services/api', 'services/group', 'services/notes', 'services/web'].sort(),
    );
  });

  test('`**` goes twenty folders deep and no further', async () => {
    const path = (depth: number) => `${'d/'.repeat(depth)}slipway.service.yml`;
    const config = await load({ 'slipway.yml': 'version: 1', [path(20)]: 'name: in', [path(21)]: 'name: out' });
    expect(config.services.map(({ name }) => name)).toEqual(['in']);
  });

  test('many stars cost no more than few', async () => {
    const path = `${'a/'.repeat(18)}slipway.service.yml`;
    const config = await load({
      'slipway.yml': `version: 1\nservices: ["${'**/a/'.repeat(12)}*", "!${'**/'.repeat(300)}b"]`,
      [path]: '',
    });
    expect(config.services).toHaveLength(1);
  });

  test('three hundred services are read a few at a time, and sorted', async () => {
    const services = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`s/n${index}/slipway.service.yml`, `team: t${index}`]),
    );
    const files = memoryFiles({ 'slipway.yml': 'version: 1', ...services });
    const config = await loadConfig(files, OPTIONS);
    const names = config.services.map(({ name }) => name);
    expect(names).toHaveLength(300);
    expect(names).toEqual([...names].sort());
    expect(files.busiest()).toBeGreaterThan(1);
    expect(files.busiest()).toBeLessThanOrEqual(16);
  });
});

describe('paths', () => {
  test('of a service file are from its folder, of `service` in slipway.yml from the root; dependencies always from the root', async () => {
    const config = await load({
      'slipway.yml': 'version: 1',
      'a/b/slipway.service.yml': 'paths: [src]\ndependencies: { paths: [libs] }',
    });
    expect(config.services[0]).toMatchObject({
      path: 'a/b',
      files: { from: 'a/b', patterns: ['src'] },
      dependencies: { paths: { from: '', patterns: ['libs'] } },
    });
    expect(await loadOne('{ paths: [src] }')).toMatchObject({ path: '', files: { from: '', patterns: ['src'] } });
  });
});

describe('the repository of an image', () => {
  test.each<readonly [string, string, string]>([
    ['`service` without a registry: the default itself', 'service: {}', 'ghcr.io/acme/shop'],
    [
      '`service` with one: below it',
      'registry: Example.com:5000/Team/\nservice: { name: Cart }',
      'example.com:5000/team/cart',
    ],
    ['a host alone', 'registry: localhost:5000\nservice: { name: cart }', 'localhost:5000/cart'],
    ['a name of Docker Hub', 'registry: acme\nservice: { name: cart }', 'docker.io/acme/cart'],
    ['a name that registries do not have', 'registry: ghcr.io/a\nservice: { name: "_a..b-" }', 'ghcr.io/a/a-b'],
    ['a name of nothing that registries have', 'registry: ghcr.io/a\nservice: { name: "_" }', 'ghcr.io/a/service'],
    [
      'what the service says',
      'service: { image: { repository: "ghcr.io/x/{service}", context: a } }',
      'ghcr.io/x/shop',
    ],
  ])('%s', async (_name, text, repository) => {
    const config = await load({ 'slipway.yml': `version: 1\n${text}` });
    expect(config.services[0]?.image.repository).toBe(repository);
  });
});
