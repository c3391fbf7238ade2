import { createHmac } from 'node:crypto';
import * as z from 'zod';
import type { SinkSettings } from '../../model/index.ts';
import { type CDEvent, cdEventOf } from './cd-event.ts';
import { post } from './http.ts';
import { type CreateSink, secretOf, sinkInvalid, skipped, urlOf } from './sink.ts';

const reference = z.object({ env: z.string() });
const fieldsSchema = z.strictObject({
  /** Where the attributes stand: in headers, or with the data in one JSON. CloudEvents calls it the content mode. */
  mode: z.enum(['binary', 'structured']).default('binary'),
  /** Signs the body: `X-Signature-256: sha256=<hex of HMAC-SHA-256>`. */
  secret: reference.optional(),
  /** Sent as `Authorization: Bearer …`. */
  token: reference.optional(),
});

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** CloudEvents 1.0 over HTTP (https://github.com/cloudevents/spec, HTTP protocol binding) that carry CDEvents. */
export const webhook: CreateSink = (settings, deps) => {
  const url = urlOf(settings);
  const fields = readFields(settings);
  const secret = fields.secret === undefined ? undefined : secretOf(settings, fields.secret, deps);
  const token = fields.token === undefined ? undefined : secretOf(settings, fields.token, deps);
  const encode = fields.mode === 'binary' ? binary : structured;
  return async (event, signal) => {
    const cdEvent = cdEventOf(event);
    if (cdEvent === undefined) return skipped('CDEvents has no word for it');
    const message = encode(cdEvent);
    const headers = {
      ...message.headers,
      'idempotency-key': cdEvent.context.id,
      ...(secret === undefined ? {} : { 'x-signature-256': signatureOf(message.body, secret) }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    await post(deps, url, { headers, body: message.body }, signal);
    return { kind: 'sent', id: cdEvent.context.id };
  };
};

function readFields(settings: SinkSettings): z.output<typeof fieldsSchema> {
  const parsed = fieldsSchema.safeParse(settings.fields);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw sinkInvalid(settings, `has a wrong key ${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`);
}

function binary(event: CDEvent): Message {
  const { context, subject } = event;
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': context.id,
    'ce-source': context.source,
    'ce-type': context.type,
    'ce-subject': headerValue(subject.id),
    'ce-time': context.timestamp,
  };
  return { headers, body: JSON.stringify(event) };
}

function structured(event: CDEvent): Message {
  const { id, source, type, timestamp } = event.context;
  const attributes = { specversion: '1.0', id, source, type, subject: event.subject.id, time: timestamp };
  return {
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: JSON.stringify({ ...attributes, datacontenttype: 'application/json', data: event }),
  };
}

/** HTTP binding, section 3.1.3.2: printable ASCII stays, but for space, double quote and percent. */
const headerValue = (text: string): string =>
  text.replace(/[^!#-$&-~]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );

const signatureOf = (body: string, secret: string): string =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
