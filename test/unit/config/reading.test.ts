import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '../../../shared/config/index.ts';
import { load } from '../../../shared/config/load.ts';
import { NEEDS_PLACES, quickReader, wholly } from '../../../shared/config/reading.ts';
import { UserError } from '../../../shared/model/index.ts';
import { memoryFiles } from '../../support/memory-files.ts';

const OPTIONS = { file: 'slipway.yml', repository: 'acme/shop' };

/** What a load gives, or all that it refuses. */
const outcome = (loading: Promise<unknown>) =>
  loading.catch((thrown: unknown) => (thrown instanceof UserError ? thrown.message : Promise.reject(thrown)));

const ROOTS = [
  'version: 1\nservices: ["services/*"]\n',
  'version: 1\nservices: ["services/*"]\nenvironments: { staging: {}, production: { after: staging } }\n',
  'version: 1\nservices: ["services/*", "libs/one"]\nimage: { builder: none }\nshared-paths: ["ci/**"]\n',
  'version: 1\nservices: ["services/*"]\nenvironments:\n  staging:\n  production: { after: stagin }\n',
  'version: 1\nservices: ["services/*"]\ndeploy: { target: { kind: local, directory: "/srv/{environment}/{service}" } }\nenvironments: { dev: {} }\n',
  'version: 1\nservices: &s ["services/*"]\n',
  'version: 1\nservices: ["services/*"]\nregisrty: x\n',
  'version: 1\nservice: { team: a }\n',
];
const FILES = [
  'team: payments\nimage: { builder: none }\n',
  'team: payments\nimage: { builder: none }\n',
  '',
  '# nothing\n',
  'name: checkout\naliases: [basket]\n',
  'dependencies: { services: [b], paths: ["libs/**"] }\n',
  'dependencies: { services: [nobody] }\n',
  'environments: { production: {}, dev: { deploy: { timeout: 5m } } }\n',
  'environments: { prodution: {} }\n',
  'tema: payments\n',
  'paths: ["!only"]\n',
  'image: { repository: "ghcr.io/x/{service}", build-args: { VERSION: 1.10 } }\n',
  'image: { build-args: { PORT: 8080 } }\n',
  'deploy: { target: { kind: local, directory: same } }\n',
  'test:\n  run: |\n    npm test\n',
  'team: "a\n',
  'matrix: { size: 3, big: true }\nrunner: [self-hosted, big]\n',
];

test('a quick load and one by the whole parser come to the same, errors included', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROOTS),
      fc.array(fc.constantFrom<string | undefined>(...FILES, undefined), { minLength: 1, maxLength: 4 }),
      async (root, files) => {
        const entries = files.flatMap((text, index) => {
          const folder = `services/${'abcd'[index] ?? 'x'}`;
          return text === undefined ? [[`${folder}/Dockerfile`, '']] : [[`${folder}/slipway.service.yml`, text]];
        });
        const source = memoryFiles({ 'slipway.yml': root, 'libs/one/x': '', ...Object.fromEntries(entries) });
        const whole = await outcome(load(source, OPTIONS, wholly));
        expect(await outcome(loadConfig(source, OPTIONS))).toStrictEqual(whole);
      },
    ),
    { numRuns: 150 },
  );
});

test('what is plain is read without the whole parser, which alone knows places', async () => {
  const files = Array.from({ length: 100 }, (_, at) => [`services/s${at}/slipway.service.yml`, `team: t${at % 3}\n`]);
  const source = memoryFiles({ 'slipway.yml': ROOTS[1] ?? '', ...Object.fromEntries(files) });
  expect((await load(source, OPTIONS, quickReader())).services).toHaveLength(100);
  const read = quickReader();
  const [plain, unusual] = [await read('x.yml', 'a: b\n'), await read('y.yml', 'a: &b c\n')];
  expect(() => plain.document?.place([])).toThrow(NEEDS_PLACES);
  expect(unusual.document?.place(['a'])).toEqual({ file: 'y.yml', line: 1, column: 7 });
});
