import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import { createEvaluationStore } from './evaluation-store.ts';

const RECEIVED_S = RECEIVED_MS / 1_000;

let telemetry: TestTelemetryStore;
beforeAll(async () => {
  telemetry = await openTelemetryStore();
});
afterAll(() => telemetry.close());

const idOf = (index: number): string => index.toString(16).padStart(16, '0');

const answering = (index: number, responseId: string, startMs: number) => ({
  traceId: idOf(index).repeat(2),
  spanId: idOf(index),
  name: 'chat',
  startTimeUnixNano: `${startMs}000000`,
  endTimeUnixNano: `${startMs + 1}000000`,
  attributes: [{ key: 'gen_ai.response.id', value: { stringValue: responseId } }],
});

test('the spans of many answers are found together, the first where several have one id', async () => {
  const responses = Array.from({ length: 250 }, (_, index) => `resp-${index}'%_`);
  const spans = responses.map((id, index) => answering(index + 1, id, RECEIVED_MS - 1_000));
  const later = answering(900, responses[3]!, RECEIVED_MS - 500);
  const foreign = answering(901, 'resp-foreign', RECEIVED_MS - 500);
  const body = (all: readonly object[]) => ({
    resourceSpans: [{ resource: {}, scopeSpans: [{ spans: all }] }],
  });
  await telemetry.write([
    { body: body([later, ...spans]) },
    { project: 'other', body: body([foreign]) },
  ]);
  const store = createEvaluationStore(telemetry.engine);
  const asked = [...responses, responses[0]!, 'resp-unknown', 'resp-foreign'];
  const found = await store.findSpansOfResponses('default', asked, RECEIVED_S);
  expect(found).toEqual(
    new Map(
      responses.map((id, index) => [
        id,
        { traceId: idOf(index + 1).repeat(2), spanId: idOf(index + 1) },
      ]),
    ),
  );
  expect(await store.findSpansOfResponses('default', asked, RECEIVED_S + 1)).toEqual(new Map());
  expect(await store.findSpansOfResponses('default', [], RECEIVED_S)).toEqual(new Map());
});
