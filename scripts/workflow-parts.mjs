import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Jobs that differ in a number only: the first one is written by hand, the others are made from its text. Anchors cannot
 * do that, and not every engine knows them.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = '.github/workflows';

/** Where made jobs stand: file → region → how the text of the first job becomes that of number n. */
const REGIONS = {
  'service.yml': { stages: { first: 'stage-1', last: 8, make: nextStage } },
  'pipeline.yml': {
    services: { first: 'services-1', last: 4, make: nextChunk },
    approved: { first: 'approved-1', last: 4, make: nextChunk },
  },
};

/** The workflow files with made jobs, by path. */
export function workflowsWithParts() {
  return Object.entries(REGIONS).map(([name, regions]) => {
    const path = `${FOLDER}/${name}`;
    const text = Object.entries(regions).reduce(fillRegion, readFileSync(join(root, path), 'utf8'));
    return [path, text];
  });
}

function fillRegion(text, [region, { first, last, make }]) {
  const model = jobText(text, first);
  const jobs = Array.from({ length: last - 1 }, (_, at) => make(model, at + 2)).join('\n');
  const pattern = new RegExp(`( {2}# ${region}:start.*\\n)[\\s\\S]*?( {2}# ${region}:end)`);
  if (!pattern.test(text)) throw new Error(`There is no place for ${region}.`);
  return text.replace(pattern, (_, start, end) => `${start}${jobs}\n${end}`);
}

/** A job as it is written, without comments of its own: they are said once. */
function jobText(text, name) {
  const lines = text.split('\n');
  const start = lines.indexOf(`  ${name}:`);
  if (start < 0) throw new Error(`There is no job ${name}.`);
  const rest = lines.slice(start + 1);
  const length = rest.findIndex((line) => /^( {0,2}\S|$)/.test(line));
  const job = [lines[start], ...rest.slice(0, length)];
  return `${job.filter((line) => !/^\s*#/.test(line)).join('\n')}\n`;
}

/** A stage begins where the one before it has brought the image. */
function nextStage(model, n) {
  const before = `stage-${n - 1}`;
  const status = `needs.${before}.outputs.status`;
  return changed(model, [
    [/stage-1:/, `stage-${n}:`],
    [/'stage 1'/, `'stage ${n}'`],
    [/needs: \[test, build\]/, `needs: [build, ${before}]`],
    [
      / {4}if: >-\n( {6}.*\n)+/,
      `    if: >-\n      !cancelled() && fromJSON(inputs.environments)[${n - 1}]\n      && (${status} == 'deployed' || ${status} == 'unchanged')\n`,
    ],
    [/\[0\]/g, `[${n - 1}]`],
  ]);
}

function nextChunk(model, n) {
  return changed(model, [
    [/(services|approved)-1:/, `$1-${n}:`],
    [/count > 0/, `count > ${(n - 1) * 256}`],
    [/\[0\] \}\}\n/, `[${n - 1}] }}\n`],
  ]);
}

/** A change that changes nothing is a mistake: the text it was made for is not there any more. */
function changed(model, changes) {
  return changes.reduce((text, [from, to]) => {
    const next = text.replace(from, to);
    if (next === text) throw new Error(`Nothing to change: ${from}`);
    return next;
  }, model);
}
