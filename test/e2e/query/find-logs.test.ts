import { afterAll, beforeAll, expect, test } from 'vitest';

import { createLogQuery } from '../../../src/query/create-log-query.ts';
import type { LogQuery, LogRecord } from '../../../src/query/log-query.ts';
import type { AnyValue } from '../../../src/query/trace-query.ts';
import { createLogStore } from '../../../src/storage/clickhouse/log-store.ts';
import type { TestTelemetryStore } from '../../harness/telemetry-store.ts';
import { openTelemetryStore } from '../../harness/telemetry-store.ts';

const NOON_NS = 1_795_176_000_000_000_000n;
const LONG = `{"content": "${'Grüße '.repeat(2_000)}"}`;

const BODIES: readonly AnyValue[] = [
  { stringValue: 'plain' },
  { intValue: '9007199254740993' },
  { bytesValue: 'AAE=' },
  { arrayValue: { values: [{ boolValue: true }, {}, { doubleValue: 1.5 }] } },
  {
    kvlistValue: {
      values: [{ key: 'deep', value: { kvlistValue: { values: [{ key: 'a', value: {} }] } } }],
    },
  },
  {},
  { stringValue: LONG },
];

let opened: TestTelemetryStore;
let logs: LogQuery;
beforeAll(async () => {
  opened = await openTelemetryStore();
  logs = createLogQuery(createLogStore(opened.engine), opened.store);
  const logRecords = BODIES.map((body, index) => ({
    timeUnixNano: String(NOON_NS + BigInt(index)),
    body,
    attributes: index === 0 ? [{ key: 'note', value: { stringValue: LONG } }] : [],
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const scopeLogs = [{ scope: { name: 'lib', version: '2' }, logRecords }];
  await opened.write([
    { signal: 'logs', body: { resourceLogs: [{ resource, scopeLogs }] } },
    {
      project: 'another',
      signal: 'logs',
      body: { resourceLogs: [{ scopeLogs: [{ logRecords }] }] },
    },
  ]);
});
afterAll(async () => {
  await opened?.close();
});

async function pages(limit: number, rest: { whole?: boolean } = {}): Promise<LogRecord[][]> {
  const all: LogRecord[][] = [];
  for (let cursor: string | undefined; ;) {
    const options = { order: 'oldest', limit, cursor, ...rest } as const;
    const page = await logs.findLogs('default', {}, options);
    all.push([...page.rows]);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

test('bodies come back as what they are, page by page', async () => {
  const read = await pages(3);
  expect(read.map((page) => page.length)).toEqual([3, 3, 1]);
  expect(
    read
      .flat()
      .slice(0, 6)
      .map(({ body }) => body),
  ).toEqual(BODIES.slice(0, 6));
  expect(read.flat().map(({ service }) => service)).toEqual(BODIES.map(() => 'shop'));
});

test('large values are cut in a list, and whole in the record itself or where it is asked for', async () => {
  const records = (await pages(100)).flat();
  expect(records.map(({ truncated }) => truncated)).toEqual(
    BODIES.map((_, index) => index === 0 || index === 6),
  );
  const last = records.at(-1)!;
  expect(last.body.stringValue!.length).toBeLessThan(4_200);
  expect(LONG.startsWith(last.body.stringValue!.slice(0, 3_000))).toBe(true);
  const detail = await logs.getLog('default', last.id);
  expect(detail).toEqual({
    ...last,
    body: BODIES[6],
    truncated: false,
    receivedMs: Number(NOON_NS / 1_000_000n),
    resource: {
      attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
    scope: {
      name: 'lib',
      version: '2',
      attributes: [],
      droppedAttributesCount: 0,
      schemaUrl: '',
    },
  });
  const whole = (await pages(100, { whole: true })).flat();
  expect(whole.map(({ body, truncated }) => [body, truncated])).toEqual(
    BODIES.map((body) => [body, false]),
  );
  expect(await logs.getLog('another', last.id)).toBeUndefined();
});

test('the records around one are its neighbours in time, newest first', async () => {
  const records = (await pages(100)).flat();
  const around = await logs.findAround('default', { id: records[3]!.id, filter: {}, limit: 3 });
  expect(around).toEqual([records[4], records[3], records[2]]);
  expect(await logs.findAround('default', { id: '1-1-1', filter: {}, limit: 3 })).toBeUndefined();
});

test('words and a range are held together, and a cursor of others is refused', async () => {
  const filter = { text: 'PLAIN', fromMs: Number(NOON_NS / 1_000_000n) };
  const { rows } = await logs.findLogs('default', filter, { order: 'newest', limit: 5 });
  expect(rows.map(({ body }) => body)).toEqual([BODIES[0]]);
  const both = await logs.findLogs('default', { text: 'grüße' }, { order: 'newest', limit: 5 });
  expect(both.rows.map(({ truncated }) => truncated)).toEqual([true]);
  await expect(
    logs.findLogs('default', {}, { order: 'newest', limit: 5, cursor: 'WzFd' }),
  ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
});
