import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { FeatureFlags } from '@actions/expressions';
import { validate } from '@actions/languageservice';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parse } from 'yaml';
import { differences, forOlderRunners } from '../older-syntax.mjs';

/*
 * Checks workflow and action files with GitHub's own language service: syntax, contexts, inputs of the actions that are
 * called. So are examples in Markdown, as workflows, and the files in the words of older runners, which must say the same.
 * Run through `bundled`, since the packages import JSON in a way that only bundlers take.
 */

const root = process.cwd();
const SELF = /^slipway-actions\/slipway(?:\/(.+))?$/;

const config = {
  featureFlags: new FeatureFlags({ all: true }),
  fileProvider: {
    getFileContent(ref) {
      const path =
        ref.owner === undefined || `${ref.owner}/${ref.repository}` === 'slipway-actions/slipway'
          ? join(root, ref.path)
          : undefined;
      if (path === undefined || !existsSync(path)) throw new Error(`not provided: ${ref.owner}/${ref.repository}`);
      return Promise.resolve({ name: ref.path, content: readFileSync(path, 'utf8') });
    },
  },
  actionsMetadataProvider: {
    // Of other makers' actions nothing is known here, and so nothing is said.
    fetchActionMetadata(ref) {
      const own = SELF.test(`${ref.owner}/${ref.name}`) || ref.owner === undefined;
      const file = join(root, ref.path ?? '.', 'action.yml');
      return Promise.resolve(
        own && existsSync(file) ? parse(readFileSync(file, 'utf8')) : { name: ref.name, description: '' },
      );
    },
  },
};

function* yamlFiles() {
  const workflows = join(root, '.github/workflows');
  for (const name of readdirSync(workflows))
    yield [join('.github/workflows', name), readFileSync(join(workflows, name), 'utf8')];
  yield ['action.yml', readFileSync(join(root, 'action.yml'), 'utf8')];
  for (const name of readdirSync(join(root, 'actions'))) {
    const file = join('actions', name, 'action.yml');
    yield [file, readFileSync(join(root, file), 'utf8')];
  }
}

/** Code blocks of Markdown files that are whole workflows, or jobs, or steps: completed to a workflow. */
function* examples(folder = '') {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !['node_modules', '.git', 'dist', 'test', 'shared'].includes(entry.name))
      yield* examples(path);
    if (!entry.name.endsWith('.md')) continue;
    const blocks = [...readFileSync(join(root, path), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)];
    for (const [index, [, text]] of blocks.entries()) {
      const whole = complete(text);
      if (whole !== undefined) yield [`.github/workflows/${path.replaceAll('/', '-')}-${index}.yml`, whole];
    }
  }
}

function complete(text) {
  if (/^on:/m.test(text)) return text;
  if (/^jobs:/m.test(text)) return `on: push\n${text}`;
  if (/^ {2}[\w-]+:\n {4}\S/.test(text) && /^ {4}runs-on:/m.test(text))
    return `on: push\njobs:\n  build: { runs-on: ubuntu-latest, outputs: { image: x, digest: y }, steps: [{ run: "true" }] }\n${text.replace(/^ {2}build:/m, '  build-it:').replace(/^( {4}runs-on: .*)$/m, '$1\n    needs: build')}`;
  if (/^ {6}- /.test(text))
    return `on: push\njobs:\n  build: { runs-on: ubuntu-latest, outputs: { image: x, digest: y, event: z }, steps: [{ run: "true" }] }\n  deploy: { runs-on: ubuntu-latest, outputs: { event: z }, steps: [{ run: "true" }] }\n  example:\n    runs-on: ubuntu-latest\n    needs: [build, deploy]\n    steps:\n${text}`;
  return undefined;
}

/** The same files as older runners get them. */
function* olderFiles() {
  for (const [path, text] of yamlFiles()) yield [path, forOlderRunners(text)];
}

let errors = 0;
let files = 0;
for (const [path, text] of yamlFiles())
  for (const it of differences(path, text)) {
    errors += 1;
    console.log(it);
  }
for (const [path, text] of [...yamlFiles(), ...olderFiles(), ...examples()]) {
  files += 1;
  const found = await validate(TextDocument.create(`file:///${relative('', path)}`, 'yaml', 0, text), config);
  for (const { range, severity = 1, message } of found) {
    if (severity > 1) continue;
    errors += 1;
    console.log(`${path}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
  }
}
console.log(`${files} workflow files, action files and examples`);
process.exitCode = errors > 0 || files < 8 ? 1 : 0;
