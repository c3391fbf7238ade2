import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { type CDEvent, cdEventOf } from './cd-event.ts';
import { post } from './http.ts';
import { defineSink, secretField, secretOf, skipped, urlOf } from './sink.ts';

const fields = z
  .strictObject({
    mode: z
      .enum(['binary', 'structured'])
      .default('binary')
      .describe('Content mode of CloudEvents: attributes in headers, or with the data in one JSON.'),
    secret: secretField.optional().describe('Signs the body: `X-Signature-256: sha256=<hex of HMAC-SHA-256>`.'),
    token: secretField.optional().describe('Sent as `Authorization: Bearer …`.'),
  })
  .meta({
    description:
      'CloudEvents 1.0 that carry CDEvents 0.5.1, to any address; a repetition has the same id (also as `Idempotency-Key`).',
    examples: [{ url: 'https://events.example/hook', secret: { env: 'HOOK_SECRET' } }],
  });

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** CloudEvents 1.0 over HTTP (https://github.com/cloudevents/spec, HTTP protocol binding) that carry CDEvents. */
export const webhook = defineSink(fields, ({ mode, ...secrets }, settings, deps) => {
  const url = urlOf(settings, deps);
  const secret = secrets.secret && secretOf(settings, secrets.secret, deps);
  const token = secrets.token && secretOf(settings, secrets.token, deps);
  const encode = mode === 'binary' ? binary : structured;
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
    await post(deps, { url, headers, body: message.body }, signal);
    return { kind: 'sent', id: cdEvent.context.id };
  };
});

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
