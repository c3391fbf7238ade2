import { afterEach, expect, test } from '@jest/globals';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import type { DeployEvent } from '../../../../shared/model/index.ts';
import { otlp } from '../../../support/vendors/otlp.ts';
import { at, commitOf, digestOf } from '../samples.ts';
import { closeDesks, deployOf, deskOf } from './desk.ts';

afterEach(closeDesks);

const deploy = deployOf();
const KNOWN = new Set<unknown>(Object.values(conventions));

/** Everything that was sent for some events, as one text, and every attribute in it. */
async function sent(events: readonly DeployEvent[], fields = otlp.fields) {
  const { fake, send } = await deskOf(otlp, { fields });
  const results = await send(...events);
  const text = fake.asked.map((it) => it.text).join('\n');
  const found = [...text.matchAll(/\{"key":"([^"]+)","value":\{"stringValue":"([^"]*)"\}\}/g)];
  return { fake, results, text, attributes: Object.fromEntries(found.map(([, key, value]) => [key, value])), found };
}

test('attributes are those of the semantic conventions, or our own', async () => {
  const { found, attributes } = await sent([deploy.start(), deploy.end('failed')]);
  const strange = found.map((it) => String(it[1])).filter((it) => !KNOWN.has(it) && !it.startsWith('slipway.'));
  expect(strange).toEqual([]);
  expect(attributes).toMatchObject({
    'service.name': 'checkout',
    'service.version': '1.0.0-B',
    'deployment.environment.name': 'production',
    'deployment.id': deploy.end().id,
    'deployment.status': 'failed',
    'vcs.repository.url.full': 'https://github.com/acme/shop',
    'vcs.ref.head.revision': commitOf('B'),
    'vcs.ref.head.name': 'main',
    'cicd.pipeline.run.id': '7',
    'cicd.pipeline.task.type': conventions.CICD_PIPELINE_TASK_TYPE_VALUE_DEPLOY,
    'cicd.pipeline.task.run.result': conventions.CICD_PIPELINE_TASK_RUN_RESULT_VALUE_FAILURE,
    'error.type': 'failed',
    'oci.manifest.digest': digestOf('B'),
    'slipway.previous.version': '1.0.0-A',
  });
});

test.each([
  ['deployed', 'SUCCESS', 'succeeded'],
  ['failed', 'FAILURE', 'failed'],
  ['cancelled', 'CANCELLATION', 'failed'],
  ['superseded', 'SKIP', 'failed'],
  ['unknown', 'ERROR', 'failed'],
] as const)('%s: the result is %s, the deployment %s', async (outcome, result, status) => {
  const { attributes } = await sent([deploy.end(outcome)]);
  const values: Record<string, unknown> = { ...conventions };
  expect(attributes).toMatchObject({
    'cicd.pipeline.task.run.result': values[`CICD_PIPELINE_TASK_RUN_RESULT_VALUE_${result}`],
    'deployment.status': status,
  });
});

test('one trace: a log record for start and end, both of the span', async () => {
  const { fake, text } = await sent([deploy.start(), deploy.end()]);
  expect(fake.asked.map((it) => it.path)).toEqual(['/v1/logs', '/v1/logs', '/v1/traces']);
  expect(fake.asked[0]?.headers['authorization']).toBe(otlp.env['OTLP_AUTHORIZATION']);
  expect(new Set(text.match(/"traceId":"\w+"/g)).size).toBe(1);
  expect(new Set(text.match(/"spanId":"\w+"/g)).size).toBe(1);
  expect(text.match(/"eventName":"[^"]+"/g)).toEqual([
    '"eventName":"deployment.started"',
    '"eventName":"deployment.finished"',
  ]);
  expect(fake.asked.at(-1)?.text).toContain(`"startTimeUnixNano":"${Date.parse(at(10))}000000"`);
  expect(fake.asked.at(-1)?.text).toContain(`"endTimeUnixNano":"${Date.parse(at(100))}000000"`);
});

test('traces alone: the start is not told', async () => {
  const { fake, results } = await sent([deploy.start(), deploy.end()], { ...otlp.fields, signals: ['traces'] });
  expect(results).toMatchObject([{ kind: 'skipped' }, { kind: 'ok' }]);
  expect(fake.asked.map((it) => it.path)).toEqual(['/v1/traces']);
});
