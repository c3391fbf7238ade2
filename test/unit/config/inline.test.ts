import { describe, expect, test } from '@jest/globals';
import { inlineConfig } from '../../../shared/config/inline.ts';
import { inlineRefusals, marked, OPTIONS, only, placeText } from './helpers.ts';

const inline = (text: string) => inlineConfig(text, OPTIONS);

describe('services of an input', () => {
  test('a map of patterns, as YAML and as JSON', () => {
    const config = inline('api: ["services/api/**", "!**/*.md"]\n"10": ["ten/**"]\nlib: "libs/**"');
    expect(config.services.map(({ name, path, files }) => [name, path, files])).toEqual([
      ['10', 'ten', { from: '', patterns: ['ten/**'] }],
      ['api', 'services/api', { from: '', patterns: ['services/api/**', '!**/*.md'] }],
      ['lib', 'libs', { from: '', patterns: ['libs/**'] }],
    ]);
    expect(inline('{"api":["services/api/**","!**/*.md"],"10":["ten/**"],\n\t"lib":"libs/**"}')).toEqual(config);
  });

  test('have no environments, no graph to import, and images below the default registry', () => {
    const { services, ...rest } = inline('api: ["a/**"]');
    expect(rest).toEqual({
      file: 'inline',
      registry: 'ghcr.io/acme/shop',
      environments: [],
      sharedPaths: { from: '', patterns: [] },
      graphImport: [],
      ledger: { remote: 'origin', shared: false, token: undefined },
      sinks: [],
    });
    expect(services[0]?.image.repository).toBe('ghcr.io/acme/shop/api');
    expect(services[0]?.deployments.size).toBe(0);
  });

  test('a map of fields, and a list with names', () => {
    const fields =
      '{ paths: ["a/**"], team: t, runner: big, dependencies: { services: [b] }, image: { repository: "ghcr.io/x/{service}" } }';
    const map = inline(`a: ${fields}\nb: { path: /src/b/ }\n`);
    expect(map.services[0]).toMatchObject({
      name: 'a',
      path: 'a',
      team: 't',
      runner: 'big',
      dependencies: { services: ['b'] },
      image: { repository: 'ghcr.io/x/a' },
    });
    expect(map.services[1]).toMatchObject({ name: 'b', path: 'src/b', files: { from: '', patterns: ['**'] } });
    expect(inline(`- ${fields.replace('{', '{ name: a,')}\n- { name: b, path: src/b }`)).toEqual(map);
  });

  test.each<readonly [string, string]>([
    ['services/api/**', 'services/api'],
    ['/services/api', 'services/api'],
    ['services/api/', 'services/api'],
    ['api/', ''],
    ['services/*/x', 'services'],
    ['cmd/main.go', 'cmd'],
    ['**/*.ts', ''],
    ['api', ''],
    ['a/{b,c}/**', 'a'],
  ])('the folder of %s is `%s`', (pattern, folder) => {
    expect(only(inline(JSON.stringify({ x: [pattern] }))).path).toBe(folder);
  });

  test('names that programs have a use for are names', () => {
    const names = ['10', '__proto__', 'changes', 'constructor', 'count'];
    const map = `{${names.map((it) => `"${it}":["${it}/**"]`).join(',')}}`;
    const list = JSON.stringify(names.map((name) => ({ name, paths: [`${name}/**`] })));
    for (const text of [map, list]) {
      expect(inline(text).services.map((it) => [it.name, it.files.patterns])).toEqual(
        names.map((name) => [name, [`${name}/**`]]),
      );
    }
  });

  test('what takes its meaning from a character of patterns is no path of Windows', () => {
    expect(only(inline(JSON.stringify({ x: ['a\\*b', '\\!c', 'd\\[e]', 'f\\ g'] }))).files.patterns).toHaveLength(4);
  });

  test('nothing is no service', () => {
    expect(inline('').services).toEqual([]);
    expect(inline('[]').services).toEqual([]);
  });
});

describe('what is wrong with an input', () => {
  test.each<readonly [string, string, string]>([
    ['a name that cannot be one', '{"a": ["x"], «"b c": ["x"]}', 'must begin with a letter'],
    ['a name that stands twice', 'a: [x]\n«a: [y]', 'must be unique'],
    ['names that differ in case', 'a: [x]\n«A: [y]', 'is taken by the service `a` at inline:1:1'],
    ['an unknown field', 'a: { «pathz: [x] }', '`pathz` is not known in `a`'],
    ['only patterns that take out', 'a: «["!x"]', 'must not hold only patterns that take out'],
    ['a path as Windows has it', 'a: [«services\\a\\x]', 'must have `/` between folders'],
    ['a folder as Windows has it', 'a: { path: «services\\a }', 'must have `/` between folders'],
    ['everything below a folder, as Windows has it', 'a: [«services\\**]', 'must have `/` between folders'],
    ['a number', 'a: «5', '`a` must be a map of keys, but is `5`'],
    ['an entry without a name', '- { name: a }\n- «{ paths: [x] }', '`[1].name` is missing'],
    ['an entry that is none', '- «a', '`[0]` must be a map of keys'],
    ['a text', '«api', 'must be a map of keys'],
    ['an environment', 'a: { environments: { «dev: {} } }', '`a` names the environment `dev`'],
    ['an unknown dependency', 'a: { dependencies: { services: [«b] } }', '`a` depends on the service `b`'],
    ['no YAML', 'a: «b: c', 'The YAML cannot be read'],
  ])('%s', async (_name, text, says) => {
    const { text: clean, places } = marked(text);
    const problems = await inlineRefusals(clean);
    expect(problems.map(({ code, at }) => [code, at?.file])).toEqual([['input-invalid', 'inline']]);
    expect(problems.map(placeText)).toEqual(places);
    expect(problems[0]?.sentence).toContain(says);
  });

  test('all of it comes at once', async () => {
    const { text, places } = marked('a: { «x: 1 }\n«"b c": []\nd: { team: «5 }');
    expect((await inlineRefusals(text)).map(placeText)).toEqual(places);
  });
});
