import * as z from 'zod';
import type { DeployEvent } from '../../model/index.ts';
import { asJson, post } from './http.ts';
import { defineSink, skipped, urlOf } from './sink.ts';
import { factsOf, isEnd, isMarker, titleOf } from './words.ts';

const fields = z.strictObject({}).meta({
  description:
    'An Adaptive Card for the end of every deploy, through a workflow of Teams that begins with "When a Teams webhook request is received"; `url` is its address, which is a secret. A workflow can neither look nor edit: what is sent again stands there again.',
  examples: [{ url: { env: 'TEAMS_WEBHOOK' } }],
});

/**
 * Microsoft Teams, through a webhook of its Workflows, which take Adaptive Cards alone; connectors of Office 365 are retired.
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using,
 * https://adaptivecards.io/explorer/
 */
export const teams = defineSink(fields, (_own, settings, deps) => {
  const url = urlOf(settings, deps);
  return async (event, signal) => {
    if (!isMarker(event) || !isEnd(event)) return skipped('a workflow is told ends of deploys alone');
    await post(deps, { url, ...asJson(messageOf(event)) }, signal);
    return { kind: 'sent' };
  };
});

const COLOURS: Readonly<Partial<Record<DeployEvent['status'], string>>> = { success: 'Good', failure: 'Attention' };

function messageOf(event: DeployEvent) {
  const link = event.run.url;
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      {
        type: 'TextBlock',
        text: plain(titleOf(event)),
        weight: 'Bolder',
        wrap: true,
        color: COLOURS[event.status] ?? 'Default',
      },
      { type: 'FactSet', facts: factsOf(event).map(([title, value]) => ({ title, value: plain(value) })) },
    ],
    ...(link === null ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Run', url: link }] }),
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] };
}

/** Cards read Markdown; here nothing but letters is. */
const plain = (text: string): string => text.replaceAll(/[\\`*_[\]()<>#~]/g, '\\$&');
