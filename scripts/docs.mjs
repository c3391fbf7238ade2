import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { configurationPage } from './docs-configuration.mjs';
import { sinkSchemas, sinksPage, withSinks } from './docs-sinks.mjs';
import { loadPromises } from './promises.mjs';
import { workflowsWithParts } from './workflow-parts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every generated text, by its path: `action.yml` files, tables in READMEs, JSON Schemas, the page of reason codes, jobs that differ in a number. */
export async function generate() {
  const promises = await loadPromises();
  const schemas = await promises.jsonSchemas();
  const files = new Map();
  for (const action of promises.ACTIONS) {
    files.set(`actions/${action.name}/action.yml`, actionYml(action));
    files.set(`actions/${action.name}/README.md`, readme(action));
  }
  const sinks = await sinkSchemas(promises.SINKS);
  files.set('schemas/slipway.schema.json', json(withSinks(schemas.slipway, sinks)));
  files.set('schemas/slipway.service.schema.json', json(schemas.service));
  files.set('schemas/deploy-event.schema.json', json(promises.eventJsonSchema()));
  files.set('docs/reason-codes.md', reasonCodes(promises.REASONS));
  files.set('docs/configuration.md', configurationPage(schemas));
  files.set('docs/sinks.md', sinksPage(sinks));
  for (const [path, text] of workflowsWithParts()) files.set(path, text);
  return files;
}

function actionYml(action) {
  const inputs = Object.entries(action.inputs).map(([name, input]) => [
    name,
    {
      description: input.description,
      required: input.required,
      ...(input.default === '' ? {} : { default: input.default }),
    },
  ]);
  const program = `../../dist/${action.name}`;
  const file = {
    name: `Slipway: ${action.title}`,
    description: action.description,
    author: 'Slipway',
    branding: { icon: action.icon, color: action.color },
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(Object.entries(action.outputs).map(([name, description]) => [name, { description }])),
    runs: {
      using: 'node24',
      main: `${program}.js`,
      ...(action.post ? { post: `${program}.post.js`, 'post-if': 'always()' } : {}),
    },
  };
  return `# Generated from shared/flow/interface by \`npm run docs\`.\n${stringify(file, { lineWidth: 0 })}`;
}

/** The README of an action: its own words, with the generated tables between markers. */
function readme(action) {
  const path = join(root, 'actions', action.name, 'README.md');
  const own = existsSync(path)
    ? readFileSync(path, 'utf8')
    : `# ${action.title}\n\n${action.description}\n\n${marked('inputs', '')}\n`;
  return ['inputs', 'outputs', 'permissions'].reduce(
    (text, part) => replaceMarked(text, part, TABLES[part](action), path),
    own,
  );
}

const TABLES = {
  inputs: (action) =>
    table(
      ['Input', 'Type', 'Default', ''],
      Object.entries(action.inputs).map(([name, input]) => [
        `\`${name}\``,
        input.type,
        input.required ? '**required**' : input.default === '' ? '' : `\`${input.default}\``,
        input.description,
      ]),
    ),
  outputs: (action) =>
    table(
      ['Output', ''],
      Object.entries(action.outputs).map(([name, description]) => [`\`${name}\``, description]),
    ),
  permissions: (action) =>
    table(
      ['Permission', 'Why'],
      action.permissions.map((it) => [`\`${it.scope}: ${it.access}\``, it.reason]),
    ),
};

function reasonCodes(reasons) {
  const sections = Object.entries(reasons)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, it]) => `## \`${code}\`\n\n${it.meaning}\n\n**What to do.** ${it.remedy}\n`);
  return `# Reason codes\n\nEvery failing step prints one sentence that starts with one of these codes; it is the \`reason\` of the \`report\` output too.\n\n${sections.join('\n')}`;
}

function table(head, rows) {
  const line = (cells) =>
    `| ${cells
      .map((cell) =>
        String(cell)
          .replaceAll('\n', ' ')
          .replace(/(?<!\\)\|/g, '\\|'),
      )
      .join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const marked = (part, text) => `<!-- ${part}:start -->\n${text}\n<!-- ${part}:end -->`;

function replaceMarked(text, part, table, path) {
  const pattern = new RegExp(`<!-- ${part}:start -->[\\s\\S]*?<!-- ${part}:end -->`);
  if (!pattern.test(text))
    throw new Error(`${path} has no place for the ${part}: <!-- ${part}:start --> … <!-- ${part}:end -->`);
  return text.replace(pattern, () => marked(part, table));
}

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of await generate()) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
