import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { compilePatterns } from '../../../graph/index.ts';
import { workTree } from '../../../io/files.ts';
import type { KubeObject } from '../../../io/kubernetes/index.ts';
import { type FileSource, formatImage, isRecord, oneLine, type Release, userError } from '../../../model/index.ts';
import type { Site } from '../site.ts';

/** Bounds of what is read: files, documents, seconds and bytes of a command. */
const FILES = 500;
const DOCUMENTS = 500;
const RENDER_MS = 120_000;
const RENDER_BYTES = 16 * 1024 * 1024;
const STDERR_SHOWN = 600;

interface Text {
  /** For people: a path, or the command. */
  readonly name: string;
  readonly text: string;
}

/** The objects that files or a command of the checkout describe. Throws `config-invalid`, `render-failed`. */
export async function readManifests(site: Site, release: Release): Promise<readonly KubeObject[]> {
  const { settings, deps } = site;
  if (deps.root === undefined) {
    throw userError(
      'config-invalid',
      `The manifests of ${site.ref.title} are in the repository, and there is no checkout.`,
    );
  }
  const texts = settings.render
    ? [await rendered(settings.render, join(deps.root, settings.folder ?? ''), site, release)]
    : await textsOf(deps.root, settings.folder ?? '', settings.manifests);
  const objects = texts.flatMap(objectsOf);
  if (objects.length > 0 && objects.length <= DOCUMENTS) return objects;
  const many = objects.length === 0 ? 'no objects' : `more than ${DOCUMENTS} objects`;
  throw userError('config-invalid', `The manifests of ${site.ref.title} have ${many}.`);
}

async function textsOf(root: string, folder: string, patterns: readonly string[]): Promise<readonly Text[]> {
  const files = workTree(root);
  const matches = compilePatterns({ from: folder, patterns });
  const paths = (await pathsBelow(files, folder)).filter(matches);
  if (paths.length === 0) throw userError('config-invalid', `No file matches \`manifests\`: ${patterns.join(', ')}.`);
  if (paths.length > FILES) throw userError('config-invalid', `More than ${FILES} files are manifests.`);
  return Promise.all(paths.map(async (name) => ({ name, text: (await files.read(name)) ?? '' })));
}

async function pathsBelow(files: FileSource, folder: string): Promise<readonly string[]> {
  const entries = (await files.entries(folder)).filter(({ name }) => name !== 'node_modules');
  const below = entries.map(({ name, kind }) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    return kind === 'folder' ? pathsBelow(files, path) : [path];
  });
  return (await Promise.all(below)).flat();
}

function rendered(command: readonly string[], cwd: string, site: Site, release: Release): Promise<Text> {
  const [program = '', ...args] = command;
  const own = Object.entries(site.deps.env).filter(([name]) => !name.startsWith('INPUT_'));
  const facts = { SLIPWAY_IMAGE: formatImage(release.image), SLIPWAY_VERSION: release.version };
  const env = { ...Object.fromEntries(own), ...facts };
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, timeout: RENDER_MS, maxBuffer: RENDER_BYTES }, (error, stdout, stderr) => {
      if (error === null) return resolve({ name: program, text: stdout });
      const why = oneLine(stderr === '' ? error.message : stderr, STDERR_SHOWN);
      reject(userError('render-failed', `\`render\` (${program}) failed: ${why}.`, { cause: error }));
    });
  });
}

function objectsOf({ name, text }: Text): readonly KubeObject[] {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const line = error.linePos?.[0].line;
      const at = line === undefined ? { file: name } : { file: name, line };
      throw userError('config-invalid', `${oneLine(error.message, STDERR_SHOWN)}.`, { at });
    }
    const value: unknown = document.toJS({ maxAliasCount: 1_000 });
    if (value === null || value === undefined) return [];
    if (!isRecord(value)) throw userError('config-invalid', `${name} has a document that is no object.`);
    return value['kind'] === 'List' && Array.isArray(value['items']) ? value['items'].filter(isRecord) : [value];
  });
}
