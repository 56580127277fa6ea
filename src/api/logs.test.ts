import { afterAll, beforeAll, expect, test } from 'vitest';

import { NOON_MS, startApi, type TestApi } from '../../test/harness/api.ts';
import type { LogDetail } from '../query/log-query.ts';
import { logDetailAnswer } from './log-answer.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
let api: TestApi;
let key: string;

const record: LogDetail = {
  id: '1795176000000000001-4-0',
  timeUnixNano: '1795176000000000001',
  observedTimeUnixNano: '0',
  traceId: TRACE_ID,
  spanId: SPAN_ID,
  flags: 1,
  severityNumber: 9,
  severityText: 'INFO',
  level: 'info',
  eventName: 'mail.sorted',
  body: { kvlistValue: { values: [{ key: 'n', value: { intValue: '9007199254740993' } }] } },
  attributes: [{ key: 'raw', value: { bytesValue: 'AAE=' } }],
  droppedAttributesCount: 0,
  service: 'mail',
  agent: 'sorter',
  scopeName: null,
  truncated: false,
  receivedMs: NOON_MS,
  resource: { attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
  scope: { name: '', version: '', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
};

beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('monitoring:read');
  api.logs.records = [record];
});
afterAll(() => api.close());

const get = (path: string) => api.call('GET', path, { key });

test('finds log records by all that they can be asked for', async () => {
  const { status, body } = await get(
    '/api/v1/logs?from=2026-11-20T13:00:00%2B01:00&to=1795176000000&level=warn&level=error' +
      `&min_severity=13&severity_text=Warn&service=mail&agent=sorter&event=mail.sorted&trace=${TRACE_ID.toUpperCase()}` +
      `&span=${SPAN_ID}&attribute=a%3Db%3D%7Ec&attribute=a!%3Db&attribute=a%7Eb%3D&text=disk%20full&order=oldest&limit=7`,
  );
  expect([status, body]).toEqual([
    200,
    { success: true, data: [record], meta: { limit: 7, next_cursor: null } },
  ]);
  expect(api.logs.asked.at(-1)).toEqual({
    fromMs: NOON_MS,
    toMs: 1_795_176_000_000,
    levels: ['warn', 'error'],
    severityMin: 13,
    severityText: 'Warn',
    service: 'mail',
    agent: 'sorter',
    event: 'mail.sorted',
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    attributes: [
      { key: 'a', operator: 'equals', value: 'b=~c' },
      { key: 'a', operator: 'differs', value: 'b' },
      { key: 'a', operator: 'contains', value: 'b=' },
    ],
    text: 'disk full',
    order: 'oldest',
  });
  expect(logDetailAnswer.parse(record)).toEqual(record);
});

test.each([
  'attribute=key',
  'attribute==value',
  'level=loud',
  'min_severity=25',
  'trace=abc',
  'span=abc',
  'from=2&to=1',
  'order=best',
  'limit=1001',
  'around=latest',
  'agent=',
])('refuses the filter %s', async (query) => {
  const { status, body } = await get(`/api/v1/logs?${query}`);
  expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
});

test('answers one record, and those around it', async () => {
  expect((await get(`/api/v1/logs/${record.id}`)).body).toEqual({ success: true, data: record });
  const around = await get(`/api/v1/logs?around=${record.id}&limit=3`);
  expect(around.body).toEqual({
    success: true,
    data: [record],
    meta: { limit: 3, next_cursor: null },
  });
  for (const path of ['/api/v1/logs/1-2-3', '/api/v1/logs?around=1-2-3']) {
    const { status, body } = await get(path);
    expect([status, body.error]).toEqual([404, 'there is no log record 1-2-3']);
  }
});

test('answers the records of a trace, earliest first', async () => {
  const { status, body } = await get(
    `/api/v1/traces/${TRACE_ID}/logs?span=${SPAN_ID}&event=gen_ai.*`,
  );
  expect([status, body.data]).toEqual([200, [record]]);
  expect(api.logs.asked.at(-1)).toEqual({
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    event: 'gen_ai.*',
    order: 'oldest',
  });
});

test('counts a day unless asked otherwise', async () => {
  expect((await get('/api/v1/logs/histogram?level=warn')).body.data).toEqual({
    from: NOON_MS - 86_400_000,
    to: NOON_MS,
    step_seconds: 60,
    steps: [{ start: NOON_MS - 86_400_000, level: 'warn', count: 2 }],
  });
});

test('nothing is told without the scope for it', async () => {
  const other = await api.keyWith('telemetry:write');
  for (const path of [
    '/api/v1/logs',
    '/api/v1/logs/facets',
    '/api/v1/logs/histogram',
    `/api/v1/logs/${record.id}`,
    `/api/v1/traces/${TRACE_ID}/logs`,
    '/api/v1/logs/attributes',
  ]) {
    expect((await api.call('GET', path, { key: other })).status).toBe(403);
  }
});
