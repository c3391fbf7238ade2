import { describe, expect, test } from '@jest/globals';
import { formatProblem } from '../../../shared/model/index.ts';
import { load, marked, placeText, refusals } from './helpers.ts';

/** `«` marks where an error must point; the texts say what each sentence and remedy must hold, in order. */
type Row = readonly [name: string, text: string, ...says: string[]];

const SLIPWAY: readonly Row[] = [
  [
    'an unknown key, the nearest named',
    'version: 1\n«registrry: x',
    'The key `registrry` is not known. Did you mean `registry`?',
  ],
  ['an unknown key, nothing near', 'version: 1\n«zzzzzz: x', 'Known are: version, registry, services,'],
  ['a key in another spelling', 'version: 1\nimage: { «buildArgs: {} }', 'in `image`. Did you mean `build-args`?'],
  [
    'a key of another kind',
    'version: 1\ndeploy: { target: { kind: local, «namespace: x } }',
    'Known are: kind, directory, port.',
  ],
  [
    'a key deep below a list',
    'version: 1\ndeploy:\n  verify:\n    http:\n      - url: "{url}"\n        «wihtin: 3s',
    'Did you mean `within`?',
  ],
  ['two unknown keys, each for itself', 'version: 1\n«aa: 1\nsinks: []\n«bb: 2', '`aa`', '`bb`'],
  ['a missing version', '«registry: ghcr.io/a/b', '`version` is missing.'],
  ['another version', 'version: «2', '`version` must be `1`, but is `2`.'],
  [
    'a text for a list',
    'version: 1\nservices: «services/*',
    'must be a list, but is the text `services/*`. Write a list',
  ],
  ['a number for a text', 'version: 1\nservices: [«5]', '`services[0]` must be a text, but is `5`. Put it in quotes.'],
  [
    'a text for a number',
    'version: 1\ndeploy: { verify: { http: [{ url: "{url}", status: «"200" }] } }',
    'Write it as a number',
  ],
  ['a list for a map', 'version: 1\nenvironments: «[dev]', 'must be a map of keys, but is a list'],
  [
    'nothing after the colon where something is needed',
    'version: 1\nregistry:«',
    '`registry` must be a text, but is empty',
  ],
  ['a word that is no option', 'version: 1\nenvironments: { x: { class: «prod } }', 'Did you mean `production`?'],
  [
    'no kind that there is',
    'version: 1\ndeploy: { strategy: { kind: «canry } }',
    '`rolling`, `canary` or `blue-green`',
  ],
  ['a file that is no map', '«hello', 'The content must be a map of keys'],
  ['an empty file', '«', '`version` is missing'],
  ['only comments', '«# nothing\n', '`version` is missing'],
  ['both forms', 'version: 1\nservice: {}\n«services: []', '`service` and `services` exclude each other.'],
  ['only patterns that take out', 'version: 1\nshared-paths: «["!a"]', 'Begin the list with "**".'],
  ['a pattern out of its folder', 'version: 1\nservices: [«../x]', 'must not lead out of its folder'],
  ['a pattern of nothing', 'version: 1\nservices: [a, «"!"]', 'must name something'],
  ['a registry that is none', 'version: 1\nregistry: «http://x y', 'is no registry'],
  [
    'a name that cannot be one',
    'version: 1\nenvironments: { «"a b": {} }',
    '`environments.a b` must begin with a letter',
  ],
  [
    'environments that differ in case',
    'version: 1\nenvironments: { dev: {}, «Dev: {} }',
    '`dev` and `Dev` differ only in case',
  ],
  [
    'an environment after none',
    'version: 1\nenvironments: { dev: {}, live: { after: «de } }',
    '`live` waits for the environment `de`, which there is not.',
  ],
  [
    'an environment after none in a list',
    'version: 1\nenvironments: { dev: {}, live: { after: [dev, «prod] } }',
    '`prod`',
  ],
  [
    'environments in a circle',
    'version: 1\nenvironments: { a: {}, b: { after: «d }, c: { after: [a, b] }, d: { after: c } }',
    '`b` after `d` after `c` after `b`',
  ],
  ['an environment after itself', 'version: 1\nenvironments: { a: { after: «a } }', '`a` after `a`'],
  ['no duration', 'version: 1\ndeploy: { timeout: «10 minutes }', 'such as `90s`'],
  ['a timeout of nothing', 'version: 1\ndeploy: { timeout: «0s }', 'longer than nothing'],
  ['a duration that timers cannot hold', 'version: 1\ndeploy: { timeout: «25d }', 'must be at most 24d'],
  [
    'no time zone',
    'version: 1\nenvironments: { x: { freeze: [{ from: 2026-01-01T00:00, to: 2026-01-02T00:00, zone: «Europe/Bärlin }] } }',
    'IANA',
  ],
  [
    'an offset for a time zone',
    'version: 1\nenvironments: { x: { freeze: [{ from: 2026-01-01T00:00, to: 2026-01-02T00:00, zone: «"+01:00" }] } }',
    'IANA',
  ],
  [
    'no day of the calendar',
    'version: 1\nenvironments: { x: { freeze: [{ from: «2026-02-30T00:00, to: 2026-03-02T00:00 }] } }',
    'the calendar has',
  ],
  [
    'a time with an offset',
    'version: 1\nenvironments: { x: { freeze: [{ from: «2026-02-03T00:00Z, to: 2026-03-02T00:00 }] } }',
    'without an offset',
  ],
  [
    'a freeze that ends before it begins',
    'version: 1\nenvironments: { x: { freeze: [«{ from: 2026-02-03T00:00:00, to: 2026-02-03T00:00 }] } }',
    '`from` is not before `to`',
  ],
  ['an unknown ecosystem', 'version: 1\ngraph: { import: [«nmp] }', 'Did you mean `npm`?'],
  ['an unknown sink', 'version: 1\nsinks: [{ kind: «datdog }]', 'Did you mean `datadog`?'],
  [
    'a sink of an unknown environment',
    'version: 1\nenvironments: { dev: {} }\nsinks: [{ kind: github, environments: [«dve] }]',
    'Did you mean `dev`?',
  ],
  [
    'two sinks of one name',
    'version: 1\nsinks: «[{ kind: webhook, url: "https://a" }, { kind: webhook, url: "https://b" }]',
    'must not have two sinks of one name',
  ],
  ['a literal token', 'version: 1\nsinks: [{ kind: datadog, token: «abcdef }]', 'must not hold a secret'],
  [
    'a literal key, however it is called',
    'version: 1\nsinks: [{ kind: pagerduty, routing-key: «abcdef }]',
    '{ env: NAME }',
  ],
  [
    'a literal secret deeper down',
    'version: 1\nsinks: [{ kind: otlp, headers: { authorization: «"Bearer x" } }]',
    '{ env: NAME }',
  ],
  [
    'a reference that is more than one',
    'version: 1\nsinks: [{ kind: otlp, token: «{ env: A, or: b } }]',
    '{ env: NAME }',
  ],
  [
    'a password in an address',
    'version: 1\nsinks: [{ kind: postgres, url: «"postgres://u:p@db/x" }]',
    'must not hold a secret',
  ],
  [
    'an address that is a secret',
    'version: 1\nsinks: [{ kind: slack, url: «"https://hooks.slack.com/services/T/B/x" }]',
    'must not hold a secret',
  ],
  [
    'the address of a workflow of Teams',
    'version: 1\nsinks: [{ kind: teams, url: «"https://abc.12.environment.api.powerplatform.com:443/powerautomate/x" }]',
    'must not hold a secret',
  ],
  [
    'a token known by its form',
    `version: 1\nsinks: [{ kind: webhook, note: «ghp_${'a1'.repeat(18)} }]`,
    'must not hold a secret',
  ],
  ['a ledger of two kinds', 'version: 1\nledger: «{ remote: origin, repository: a/b }', 'must not have both'],
  ['a ledger with a password', 'version: 1\nledger: { remote: «"https://u:p@x/y" }', 'must not hold a secret'],
  ['a ledger with a token', 'version: 1\nledger: { remote: «"https://abc@x/y" }', 'must not hold a secret'],
  ['a ledger that is no repository', 'version: 1\nledger: { repository: «acme }', 'must be `owner/repository`'],
];

const SERVICE: readonly Row[] = [
  ['an unknown key', '«pahts: []', 'Did you mean `paths`?'],
  ['a key that stands twice', 'team: a\n«team: b', 'Keep one of the two keys.'],
  ['a name that cannot be one', 'name: «-x', '`name` must begin with a letter'],
  ['a name that is too long', `name: «${'x'.repeat(64)}`, 'at most 63'],
  ['an unknown dependency', 'name: cart\ndependencies: { services: [«crat] }', '`cart` depends on the service `crat`'],
  [
    'a dependency under its earlier name',
    'aliases: [basket]\ndependencies: { services: [«basket] }',
    'Did you mean `api`?',
  ],
  ['an unknown environment', 'environments: { dev: {}, «stagin: {} }', 'Did you mean `staging`?'],
  ['a matrix key of our own', 'matrix: «{ service: x }', 'must not have a key that Slipway writes itself'],
  ['a runner that is none', 'runner: «5', 'must be a label, a list of labels, or `{ group, labels }`'],
  ['a team of two lines', 'team: «"a\\nb"', 'must be one line'],
  ['an absolute context', 'image: { context: «/x }', '`/x` is an absolute path'],
  ['a context out of the repository', 'image: { context: «../../.. }', 'leads out of the repository (api)'],
  [
    'a Dockerfile out of the repository on the way',
    'image: { dockerfile: «../../../services/api/Dockerfile }',
    'leads out of the repository',
  ],
  [
    'a layer out of the repository',
    'image: { native: { base: scratch, layers: [{ from: «/../x, to: /y }] } }',
    'leads out of the repository',
  ],
  [
    'a layer to nowhere',
    'image: { native: { base: scratch, layers: [{ from: x, to: «y }] } }',
    'must be an absolute path in the image',
  ],
  ['a native image on nothing', 'image: { native: «{ entrypoint: [x] } }', '`image.native.base` is missing (api).'],
  ['a port that is none', 'image: { native: { base: scratch, ports: [«0] } }', 'must be a port'],
  ['a repository that is none', 'image: { repository: «"ghcr.io/A B" }', 'Set `image.repository`'],
  [
    'a misspelt kind of tag',
    'image: { tags: [sha, «smever] }',
    '`smever` looks like a misspelt kind. Did you mean `semver`?',
  ],
  ['a platform that is none', 'image: { platforms: [«amd64] }', 'such as `linux/arm64`'],
  [
    'two gates of one name',
    'image: { gates: «[{ name: a, run: [x] }, { name: a, run: [y] }] }',
    'two gates of one name',
  ],
  ['a gate without a program', 'image: { gates: [{ name: a, run: «[] }] }', 'must name a program'],
  ['a literal private key', 'image: { reuse-key: { public: a, private: «abc } }', 'must be a map of keys'],
  [
    'a number that would change',
    'image: { build-args: { A: 1.5, B: «1.10, C: «0x10 } }',
    'is written `1.10`, but reads as the number 1.1',
    'reads as the number 16',
  ],
  [
    'the environment in an image',
    'image: { tags: ["{service}", «"{environment}"] }',
    'an image is made once for all environments',
  ],
  [
    'the team of a service without one',
    'environments: { dev: {} }\ndeploy: { target: { kind: kubernetes, namespace: «"{team}" } }',
    '`deploy.target.namespace` has `{team}`, but the service has no team (api in dev).',
  ],
  [
    'a kind without what it needs',
    'environments: { dev: {} }\ndeploy: { target: «{ kind: local } }',
    '`deploy.target.directory` is missing (api in dev).',
  ],
  [
    'a target without a kind',
    'environments: { dev: {} }\ndeploy: { target: «{ namespace: x } }',
    '`deploy.target.kind` is missing',
  ],
  [
    'a default that the layer above spoils',
    'environments: { dev: { deploy: { target: «{ kind: gitops, file: x } } } }\ndeploy: { target: { kind: kubernetes } }',
    '`deploy.target.repository` is missing',
  ],
  [
    'no workload',
    'environments: { dev: {} }\ndeploy: { target: { kind: kubernetes, workload: «checkout } }',
    'must be `kind/name`',
  ],
  [
    'manifests of two kinds',
    'environments: { dev: {} }\ndeploy: { target: { kind: kubernetes, manifests: [a], render: «[b] } }',
    'must not stand beside `manifests`',
  ],
  [
    'a file of gitops without a place in it',
    'environments: { dev: {} }\ndeploy: { target: «{ kind: gitops, repository: a/b, file: x } }',
    'either `key` or `kustomize-image`',
  ],
  [
    'a canary without steps',
    'environments: { dev: {} }\ndeploy: { strategy: «{ kind: canary } }',
    '`deploy.strategy.steps` is missing',
  ],
  [
    'a canary that does not grow',
    'deploy: { strategy: { kind: canary, steps: «[{ weight: 20 }, { weight: 10 }] } }',
    'must grow in `weight`',
  ],
  ['a share above all', 'deploy: { strategy: { kind: canary, steps: [{ weight: «101 }] } }', 'must be a percentage'],
  ['a check without an address', 'deploy: { verify: { http: [{ url: «healthz }] } }', 'must begin with'],
  [
    'a check with a password',
    'deploy: { verify: { http: [{ url: «"http://u:p@host/healthz" }] } }',
    'must not hold a secret',
  ],
  ['a check with a token', 'deploy: { verify: { http: [{ url: «"https://abc@host/" }] } }', 'must not hold a secret'],
  [
    'metrics with a password',
    'deploy: { verify: { metrics: { provider: { kind: prometheus, url: «"https://u:p@host" } } } }',
    'must not hold a secret',
  ],
  [
    'a limit without a bound',
    'deploy: { verify: { metrics: { limits: [«{ name: a, query: b }] } } }',
    'must have `max` or `min`',
  ],
  ['a hook that is a line', 'deploy: { hooks: { before: [{ name: a, run: «./x.sh }] } }', 'Write a list'],
  [
    'one directory for two environments',
    'environments: { dev: {}, staging: {} }\ndeploy: { target: { kind: local, directory: «run } }',
    'that of api in dev already (api in staging)',
  ],
];

const check = (rows: readonly Row[], files: (text: string) => Record<string, string>, file: string) =>
  test.each(rows)('%s', async (_name, text, ...says) => {
    const { text: clean, places } = marked(text);
    const problems = await refusals(files(clean));
    expect(problems.map((it) => `${it.at?.file}:${placeText(it)}`)).toEqual(places.map((it) => `${file}:${it}`));
    expect(problems.map(({ code }) => code)).toEqual(places.map(() => 'config-invalid'));
    const printed = problems.map(formatProblem).join('\n');
    for (const it of says) expect(printed).toContain(it);
  });

describe('slipway.yml', () => check(SLIPWAY, (text) => ({ 'slipway.yml': text }), 'slipway.yml'));

describe('slipway.service.yml', () => {
  const FILE = 'services/api/slipway.service.yml';
  check(
    SERVICE,
    (text) => ({ 'slipway.yml': 'version: 1\nenvironments: { dev: {}, staging: {} }', [FILE]: text }),
    FILE,
  );
});

describe('all at once', () => {
  test('every error of a file, in order, those between keys with those of a key', async () => {
    const { text, places } = marked(
      'version: «2\n«extra: 1\nenvironments:\n  dev: { after: «live, class: «x }\ndeploy: { timeout: «soon }\nsinks: [{ kind: webhook, environments: [«nope] }]\n',
    );
    expect((await refusals({ 'slipway.yml': text })).map(placeText)).toEqual(places);
  });

  test('errors of several service files, and between them, come together', async () => {
    const problems = await refusals({
      'slipway.yml': 'version: 1\nservices: ["services/*", gone]',
      'services/a/slipway.service.yml': 'x: 1',
      'services/b/slipway.service.yml': 'team: [',
      'services/c/slipway.service.yml': 'name: D\ndependencies: { services: [nobody] }',
      'services/d/Dockerfile': '',
    });
    expect(problems.map((it) => `${it.at?.file}:${placeText(it)}`)).toEqual([
      'services/a/slipway.service.yml:1:1',
      'services/b/slipway.service.yml:1:8',
      'services/c/slipway.service.yml:2:28',
      'slipway.yml:2:12',
      'slipway.yml:2:26',
    ]);
  });

  test('a default that is wrong for many is one error', async () => {
    const services = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`s/x${index}/Dockerfile`, '']));
    const { text, places } = marked(
      'version: 1\nservices: ["s/*"]\nenvironments: { dev: {}, live: {} }\ndeploy: { target: «{ kind: local } }',
    );
    const problems = await refusals({ 'slipway.yml': text, ...services });
    expect(problems.map(placeText)).toEqual(places);
    expect(problems[0]?.sentence).toBe('`deploy.target.directory` is missing (x0 in dev and 79 more).');
  });

  test('no more than a hundred are shown, and it is said', async () => {
    const keys = Array.from({ length: 150 }, (_, index) => `key${index}: 1`).join('\n');
    const problems = await refusals({ 'slipway.yml': `version: 1\n${keys}` });
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)?.sentence).toBe('50 more problems are not shown.');
  });

  test('a service with errors is still known to others', async () => {
    const problems = await refusals({
      'slipway.yml': 'version: 1',
      'a/slipway.service.yml': 'name: alpha\nx: 1',
      'b/slipway.service.yml': 'dependencies: { services: [alpha] }',
    });
    expect(problems.map(({ sentence }) => sentence)).toEqual(['The key `x` is not known.']);
  });
});

describe('names', () => {
  test('two of one name in another case: both places are named', async () => {
    const [problem, ...others] = await refusals({
      'slipway.yml': 'version: 1',
      'a/slipway.service.yml': 'team: x\nname: Cart',
      'b/slipway.service.yml': 'name: cart',
    });
    expect(others).toEqual([]);
    expect(problem?.at).toEqual({ file: 'b/slipway.service.yml', line: 1, column: 7 });
    expect(problem?.sentence).toBe('The name `cart` of b is taken by the service `Cart` at a/slipway.service.yml:2:7.');
  });

  test('an alias that is the name or alias of another', async () => {
    const problems = await refusals({
      'slipway.yml': 'version: 1',
      'a/slipway.service.yml': 'aliases: [B, old]',
      'b/slipway.service.yml': 'aliases: [b, OLD]',
    });
    expect(problems.map(({ sentence }) => sentence)).toEqual([
      'The alias `B` of a is taken by the service `b` at b/slipway.service.yml:1:1.',
      'The alias `OLD` of b is taken by an alias of the service `a` at a/slipway.service.yml:1:14.',
    ]);
  });

  test('a folder whose name cannot be one needs a name', async () => {
    const problems = await refusals({
      'slipway.yml': 'version: 1\nservices: ["*"]',
      'my api/Dockerfile': '',
      'my web/slipway.service.yml': 'team: x',
    });
    expect(problems.map((it) => [it.at?.file, it.remedy])).toEqual([
      ['my web/slipway.service.yml', 'Give it a `name`.'],
      ['slipway.yml', 'Give it a slipway.service.yml with a `name`.'],
    ]);
  });

  test.each(['__proto__x', 'constructor', 'toString', '10', '__defineGetter__'])(
    '`%s` is a name like others',
    async (name) => {
      const config = await load({
        'slipway.yml': `version: 1\nenvironments: { "${name}": {}, z: { after: "${name}" } }`,
        'a/slipway.service.yml': `name: "${name}"\nenvironments: { "${name}": {} }\ndependencies: { services: ["${name}"] }\nimage: { build-args: { ${name.replace(/^\d+/, 'n')}: 1 } }`,
      });
      expect(config.environments.map((it) => it.name)).toEqual([name, 'z']);
      expect(config.services[0]?.name).toBe(name);
      expect([...(config.services[0]?.deployments.keys() ?? [])]).toEqual([name]);
    },
  );
});

test('a file that is not there', async () => {
  const [problem] = await refusals({ 'other.yml': '' });
  expect(problem).toEqual({
    code: 'config-missing',
    sentence: 'There is no file slipway.yml.',
    remedy: 'Add slipway.yml at the root, or name another file with the input `config`.',
  });
});
