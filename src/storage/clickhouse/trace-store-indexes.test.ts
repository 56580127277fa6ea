import { afterAll, beforeAll, expect, test } from 'vitest';

import { explainLast, granules } from '../../../test/harness/explain.ts';
import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import { createTraceStore } from './trace-store.ts';

const DAY_MS = 86_400_000;
const hex = (value: number, bytes: number): string => value.toString(16).padStart(bytes * 2, '0');

let opened: TestTelemetryStore;
beforeAll(async () => {
  opened = await openTelemetryStore();
  for (let day = 0; day < 4; day++) {
    const atMs = RECEIVED_MS - day * DAY_MS;
    // Enough rows for several granules, of which one service and one trace fill few.
    const resourceSpans = Array.from({ length: 40 }, (_, service) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: `svc-${service}` } }] },
      scopeSpans: [
        {
          spans: Array.from({ length: 1_500 }, (__, index) => ({
            traceId: hex(1 + day * 1e6 + service * 1e4 + Math.floor(index / 10), 16),
            spanId: hex(index + 1, 8),
            name: 'op',
            startTimeUnixNano: String(BigInt(atMs - 60_000 + index) * 1_000_000n),
            attributes: [{ key: 'tag', value: { stringValue: `${service}-${index}` } }],
          })),
        },
      ],
    }));
    await opened.write([{ body: { resourceSpans } }], atMs);
  }
}, 120_000);
afterAll(async () => {
  await opened?.close();
});

const explain = (
  ask: (store: ReturnType<typeof createTraceStore>) => Promise<unknown>,
): Promise<string> =>
  explainLast(opened.engine, 'FROM spans', (engine) => ask(createTraceStore(engine)));

const find = { range: { fromNs: undefined, toNs: undefined }, from: undefined, except: [] };

test('the spans of a trace are found by the bloom filter of trace ids', async () => {
  const plan = await explain((store) =>
    store.listSpans('default', hex(1, 16), { after: undefined, limit: 100 }),
  );
  const { read, of } = granules(plan, 'Name: trace_id_bloom');
  expect(read).toBeLessThan(of / 5);
});

test('traces of a service are found by the primary key', async () => {
  const condition = { kind: 'field', field: 'service', values: ['svc-7'] } as const;
  const plan = await explain((store) => store.findTraces('default', { ...find, condition }));
  const { read, of } = granules(plan, 'PrimaryKey');
  expect(read).toBeLessThan(of / 3);
});

test('traces with an attribute are found by the text index', async () => {
  const condition = { kind: 'attribute', key: 'tag', value: '7-77' } as const;
  const plan = await explain((store) => store.findTraces('default', { ...find, condition }));
  const { read, of } = granules(plan, 'Name: items_text');
  expect(read).toBeLessThan(of / 3);
  // The postings alone are read, not the attributes.
  expect(plan).toContain('__text_index_items_text_has');
});

test('a range of time opens the days that it may concern, and no older ones', async () => {
  const range = { fromNs: BigInt(RECEIVED_MS - 120_000) * 1_000_000n, toNs: undefined };
  const plan = await explain((store) =>
    store.findTraces('default', { ...find, range, condition: undefined }),
  );
  const [, read, of] = /Parts: (\d+)\/(\d+)/.exec(
    plan.slice(plan.indexOf('Condition: (received')),
  )!;
  expect([Number(read), Number(of)]).toEqual([2, 4]);
});
