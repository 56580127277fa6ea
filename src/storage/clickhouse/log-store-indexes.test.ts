import { afterAll, beforeAll, expect, test } from 'vitest';

import { explainLast, granules } from '../../../test/harness/explain.ts';
import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import { logRequest } from '../conformance-log-store.ts';
import { ALWAYS, traceIdOf } from '../conformance-trace-requests.ts';
import type { LogCondition } from '../log-store.ts';
import { createLogStore } from './log-store.ts';

const MINUTE_NS = 60_000_000_000;

let opened: TestTelemetryStore;
beforeAll(async () => {
  opened = await openTelemetryStore();
  // Enough rows for several granules, of which one service, one trace and one word fill few.
  const requests = Array.from({ length: 4 }, (_, service) =>
    logRequest(
      'default',
      Array.from({ length: 15_000 }, (__, index) => ({
        body: `took ticket${service}x${index} from the queue`,
        atNs: -index * MINUTE_NS,
        trace: service * 1e5 + Math.floor(index / 10) + 1,
        attributes: { tag: `${service}-${index}` },
      })),
      { 'service.name': `svc-${service}` },
    ),
  );
  await opened.write(requests, RECEIVED_MS);
}, 120_000);
afterAll(async () => {
  await opened?.close();
});

const plan = (...conditions: LogCondition[]): Promise<string> =>
  explainLast(opened.engine, 'FROM log_records', (engine) =>
    createLogStore(engine).findLogs('default', {
      range: ALWAYS,
      conditions,
      order: 'newest',
      after: undefined,
      limit: 100,
    }),
  );

test.each<[string, LogCondition]>([
  ['PrimaryKey', { kind: 'service', value: 'svc-3' }],
  ['Name: trace_id_bloom', { kind: 'trace', value: traceIdOf(1) }],
  ['Name: items_text', { kind: 'attribute', key: 'tag', operator: 'equals', value: '3-77' }],
  ['Name: searched_text', { kind: 'text', value: 'cket3x14990' }],
])('%s leaves few granules to read', async (index, condition) => {
  const { read, of } = granules(await plan(condition), index);
  expect(of).toBeGreaterThanOrEqual(4);
  expect(read).toBeLessThan(of / 2);
});

test('the newest are found without reading older minutes', async () => {
  const [, read] = /Granules: (\d+)"?\n/.exec(await plan())!;
  const { of } = granules(await plan(), 'PrimaryKey');
  expect(of).toBeGreaterThanOrEqual(4);
  expect(Number(read)).toBeLessThanOrEqual(of / 2);
});
