/*
 * The configuration reference, made from the JSON Schemas: one table for each file, one row for each key, with the
 * description that editors show.
 */

const LONGEST_PATH = 6;

/** @returns {string} Markdown */
export function configurationPage({ slipway, service }) {
  return [
    '# Configuration',
    '',
    'Two files, both YAML, both checked strictly: an unknown key is an error that names the nearest known one, and every error comes with file, line and column. Editors check them with the schemas in [`schemas/`](../schemas):',
    '',
    '```yaml',
    '# yaml-language-server: $schema=https://raw.githubusercontent.com/slipway-actions/slipway/v1/schemas/slipway.schema.json',
    '```',
    '',
    '**Merging.** `slipway.deploy` < `slipway.environments.E.deploy` < `service.deploy` < `service.environments.E.deploy`, and the same for `image`. Objects merge by key; lists, and objects whose `kind` differs, replace. `{service}`, `{environment}` and `{team}` expand in strings of `deploy` and `image`.',
    '',
    '**Patterns** are like those of gitignore: without a slash at any depth, with one anchored, a folder means all below it, dotfiles match, the last that matches wins, `!` takes out again.',
    '',
    'A key that this version understands but cannot carry out ends with [`not-yet`](reason-codes.md#not-yet) where it is used.',
    '',
    '## `slipway.yml`',
    '',
    table(slipway),
    '',
    '## `slipway.service.yml`',
    '',
    'In the folder of the service, owned by its team. Every key is optional.',
    '',
    table(service),
    '',
  ].join('\n');
}

function table(schema) {
  const seen = new Map();
  const rows = [...walk(schema, schema, [])].filter(({ path }) => !seen.has(path) && seen.set(path, true));
  return ['| Key | |', '| --- | --- |', ...rows.map(({ path, text }) => `| \`${path}\` | ${cell(text)} |`)].join('\n');
}

/** Every key with a description, in the order of the schema; alternatives and list items are looked into. */
function* walk(node, root, path) {
  const it = resolved(node, root);
  const alternatives = [it.anyOf, it.oneOf, it.allOf, it.items ? [it.items] : []].flatMap((list) => list ?? []);
  for (const inner of alternatives) yield* walk(inner, root, path);
  if (typeof it.additionalProperties === 'object' && path.length < LONGEST_PATH) {
    yield* walk(it.additionalProperties, root, [...path, '<name>']);
  }
  for (const [key, inner] of Object.entries(it.properties ?? {})) yield* walkKey(inner, root, [...path, key]);
}

function* walkKey(node, root, path) {
  const text = node.description ?? resolved(node, root).description;
  if (text !== undefined) yield { path: path.join('.'), text };
  // slipway.yml and a service file share `image` and `deploy`: told once, with the service file.
  if (!isToldElsewhere(root, path)) yield* walk(node, root, path);
}

const resolved = (node, root) => (node.$ref === undefined ? node : root.$defs[node.$ref.split('/').at(-1)]);

function isToldElsewhere(root, [first, ...rest]) {
  const last = rest.at(-1) ?? first;
  if (root.title === 'slipway.yml') return ['image', 'deploy', 'service'].includes(last);
  return first === 'environments' && ['image', 'deploy'].includes(last);
}

const cell = (text) => text.replaceAll('\n', ' ').replaceAll('|', '\\|');
