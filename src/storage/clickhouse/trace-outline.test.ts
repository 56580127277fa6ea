import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { ALWAYS, chat, NOON_NS, request } from '../conformance-trace-requests.ts';
import type { TraceOutline } from '../trace-outline.ts';
import type { SpanCondition } from '../trace-store.ts';
import { createTraceOutline } from './trace-outline.ts';

const MINUTE_NS = 60_000_000_000;
const noonPlus = (minutes: number): bigint => NOON_NS + BigInt(minutes * MINUTE_NS);

let opened: TestTelemetryStore;
let outline: TraceOutline;
beforeAll(async () => {
  opened = await openTelemetryStore();
  outline = createTraceOutline(opened.engine);
  await opened.write([
    request(1, [
      { id: 1, name: 'root' },
      { id: 2, parent: 1, atNs: 61 * 1e9, error: true, attributes: chat('gpt-4o', 10, 1) },
    ]),
    request(2, [{ id: 3, atNs: MINUTE_NS, attributes: { city: 'Bonn', 'city.code': 53 } }], {
      service: 'other',
    }),
    request(3, [{ id: 4, atNs: MINUTE_NS + 1, attributes: { city: 'Köln' } }]),
    // A root that has not come.
    request(4, [{ id: 5, parent: 99, atNs: MINUTE_NS, attributes: { city: 'Bonn' } }]),
    request(5, [{ id: 6, attributes: { city: 'Rome' } }], { project: 'another' }),
  ]);
  // Sent again: counted once.
  await opened.write([request(3, [{ id: 4, atNs: MINUTE_NS + 1, attributes: { city: 'Köln' } }])]);
});
afterAll(async () => {
  await opened?.close();
});

test('a trace is counted once, where its root started; it failed when any span of it did', async () => {
  const query = { range: ALWAYS, conditions: [], stepSeconds: 60 };
  expect(await outline.countOverTime('default', query)).toEqual([
    { startNs: noonPlus(0), traces: 1, failed: 1 },
    { startNs: noonPlus(1), traces: 2, failed: 0 },
  ]);
});

test('every condition is held, each by any span of the trace', async () => {
  const count = async (...conditions: Parameters<TraceOutline['countOverTime']>[1]['conditions']) =>
    await outline.countOverTime('default', { range: ALWAYS, conditions, stepSeconds: 60 });
  expect(
    await count(
      { kind: 'field', field: 'model', values: ['gpt-4o'] },
      { kind: 'text', value: 'ROOT' },
    ),
  ).toEqual([{ startNs: noonPlus(0), traces: 1, failed: 1 }]);
  expect(await count({ kind: 'attribute', key: 'city', value: 'Bonn' })).toEqual([
    { startNs: noonPlus(1), traces: 1, failed: 0 },
  ]);
  expect(
    await count({ kind: 'no_error' }, { kind: 'field', field: 'service', values: ['svc'] }),
  ).toEqual([{ startNs: noonPlus(1), traces: 1, failed: 0 }]);
});

const svc: SpanCondition = { kind: 'field', field: 'service', values: ['svc'] };

test('what traces name is counted by traces, the most frequent first', async () => {
  const services = [
    { value: 'svc', count: 3 },
    { value: 'other', count: 1 },
  ];
  const all = { range: ALWAYS, conditions: [] };
  expect(await outline.listFacets('default', all, 10)).toEqual({
    agents: services,
    services,
    models: [{ value: 'gpt-4o', count: 1 }],
    tools: [],
    operations: [{ value: 'chat', count: 1 }],
    providers: [{ value: 'openai', count: 1 }],
    frameworks: [],
    statuses: [
      // The one without a root is a trace, too.
      { value: 'ok', count: 3 },
      { value: 'error', count: 1 },
    ],
  });
});

test('a facet counts what the other filters leave, so that its own values can be chosen on', async () => {
  const conditions: SpanCondition[] = [{ ...svc, values: ['other'] }, { kind: 'error' }];
  const facets = await outline.listFacets('default', { range: ALWAYS, conditions }, 10);
  const without = await outline.listFacets(
    'default',
    { range: ALWAYS, conditions: [{ kind: 'error' }] },
    10,
  );
  expect(facets.services).toEqual(without.services);
  expect(facets.services).toEqual([{ value: 'svc', count: 1 }]);
  expect([facets.agents, facets.models]).toEqual([[], []]);
});

test('values of a field are found by a part of them', async () => {
  const query = { range: ALWAYS, field: 'model', part: 'GPT', limit: 5 } as const;
  expect(await outline.findFieldValues('default', query)).toEqual([{ value: 'gpt-4o', count: 1 }]);
  expect(await outline.findFieldValues('default', { ...query, part: 'x' })).toEqual([]);
});

test('keys and values are found by a part of them, of the one project', async () => {
  const keys = await outline.findAttributeKeys('default', {
    range: ALWAYS,
    part: 'CITY',
    limit: 5,
  });
  expect(keys).toEqual([
    { value: 'city', count: 4 },
    { value: 'city.code', count: 1 },
  ]);
  const values = await outline.findAttributeValues('default', {
    range: ALWAYS,
    key: 'city',
    part: 'kö',
    limit: 5,
  });
  expect(values).toEqual([{ value: 'Köln', count: 2 }]);
});

test('a range leaves out what started before and after', async () => {
  const range = { fromNs: noonPlus(1), toNs: noonPlus(1) + 1n };
  const query = { range, conditions: [], stepSeconds: 1 };
  expect(await outline.countOverTime('default', query)).toEqual([
    { startNs: noonPlus(1), traces: 1, failed: 0 },
  ]);
});
