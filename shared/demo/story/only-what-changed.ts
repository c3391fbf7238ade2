import { readFileSync } from 'node:fs';
import { isRecord } from '../../model/index.ts';
import { took } from '../narrator.ts';
import type { PipelineRun } from '../pipeline.ts';
import { arrived, pushAndRun, type Stage, selected } from '../stage.ts';

/** A push that touches one service: it and its dependents go, the others are left alone. */
export async function onlyWhatChanged(stage: Stage): Promise<void> {
  const { say, shop, memory } = stage;
  say.chapter('One service changes: it goes, and who depends on it');
  shop.edit('services/pricing/src/prices.js', (text) => text.replace('3900', '4100'));
  const run = await pushAndRun(stage, shop.push('Raise the price of the kettle'));
  memory.set('price', run);
  for (const line of reasons(run)) say.line(`  ${line}`);
  say.observe(`selected: ${selected(run)} ${took(run.detect.durationMs)}`, selected(run) === 'cart, pricing');
  say.observe(
    `both arrived in production; three services were not touched ${took(run.durationMs)}`,
    arrived(run, ['cart', 'pricing']),
  );
}

/** Docs select nothing; the shared library selects exactly its users. */
export async function docsAndLibrary(stage: Stage): Promise<void> {
  const { say, shop } = stage;
  say.chapter('Docs change nothing; a shared library changes its users');
  shop.edit('docs/opening-hours.md', (text) => `${text}\nAlso at night.\n`);
  shop.edit('services/catalog/README.md', (text) => `${text}\nAnd more.\n`);
  const docs = await pushAndRun(stage, shop.push('Write about opening hours'));
  say.observe(
    `selected: nothing ${took(docs.durationMs)}`,
    docs.detect.outputs['any'] === 'false' && docs.services.length === 0,
  );
  shop.edit('libs/kit/serve.js', (text) => text.replace('not found', 'there is nothing here'));
  const library = await pushAndRun(stage, shop.push('Say it more kindly when a page is missing'));
  for (const line of reasons(library)) say.line(`  ${line}`);
  const users = ['cart', 'pricing', 'status'];
  say.observe(
    `selected: ${selected(library)} ${took(library.durationMs)}`,
    selected(library) === users.join(', ') && arrived(library, users),
  );
}

/** One line of reasons per selected service, from the file that detection wrote. */
function reasons(run: PipelineRun): readonly string[] {
  const file: unknown = JSON.parse(readFileSync(run.detect.outputs['reasons-file'] ?? '', 'utf8'));
  const services = isRecord(file) && Array.isArray(file['services']) ? file['services'].filter(isRecord) : [];
  return services
    .filter((it) => it['selected'] === true)
    .map((it) => `${it['service']}: ${Array.isArray(it['why']) ? String(it['why'][0]) : 'no reason is given'}`);
}
