import { afterAll, beforeAll, expect, test } from 'vitest';

import { NOON_MS, sightingOf, startApi, type TestApi } from '../../test/harness/api.ts';
import type { TraceSpan, TraceSummary } from '../query/trace-query.ts';
import { modelCallOf, runDetailOf } from '../../test/harness/run-detail.ts';
import { spanAnswer } from './span-answer.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
let api: TestApi;
let key: string;
let admin: string;

beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('monitoring:read', 'registry:read', 'registry:write');
  admin = await api.keyWith('admin');
});
afterAll(() => api.close());

const get = (path: string) => api.call('GET', path, { key });

const summary: TraceSummary = {
  traceId: TRACE_ID,
  rootName: 'agent.run',
  service: 'mail',
  agent: 'sorter',
  startUnixNano: '1795176000000000001',
  durationNs: '1500000',
  spanCount: 2,
  errorCount: 0,
  status: 'ok',
  models: ['m1'],
  inputTokens: 10,
  outputTokens: null,
};

const span: TraceSpan = {
  traceId: TRACE_ID,
  spanId: 'b7ad6b7169203331',
  parentSpanId: '',
  traceState: '',
  flags: 1,
  name: 'agent.run',
  kind: 1,
  startTimeUnixNano: '1795176000000000001',
  endTimeUnixNano: '1795176000001500001',
  attributes: [
    { key: 'n', value: { intValue: '9007199254740993' } },
    {
      key: 'deep',
      value: {
        arrayValue: {
          values: [{ kvlistValue: { values: [{ key: 'a', value: { boolValue: true } }] } }, {}],
        },
      },
    },
  ],
  droppedAttributesCount: 0,
  events: [
    {
      timeUnixNano: '1795176000000000002',
      name: 'token',
      attributes: [{ key: 'x', value: { doubleValue: 0.5 } }],
      droppedAttributesCount: 1,
    },
  ],
  droppedEventsCount: 0,
  links: [
    {
      traceId: TRACE_ID,
      spanId: '00f067aa0ba902b7',
      traceState: 'a=b',
      attributes: [{ key: 'y', value: { bytesValue: 'AA==' } }],
      droppedAttributesCount: 0,
      flags: 0,
    },
  ],
  droppedLinksCount: 2,
  status: { code: 0, message: '' },
  resource: {
    attributes: [{ key: 'service.name', value: { stringValue: 'mail' } }],
    droppedAttributesCount: 0,
    schemaUrl: '',
  },
  scope: { name: 's', version: '1', attributes: [], droppedAttributesCount: 0, schemaUrl: '' },
  genai: null,
};

test('asks for traces by everything that was filtered for', async () => {
  api.traces.summaries = [summary];
  const { status, body } = await get(
    '/api/v1/traces?from=2026-11-20T13:00:00%2B01:00&to=1795176000000&agent=sorter&service=mail' +
      '&model=m1&status=error&min_duration_ms=1.5&max_duration_ns=9007199254740993' +
      '&attribute=user.id%3Da%3Db&attribute=%20k%20%3D&text=Hello%20%25&limit=7',
  );
  expect([status, body]).toEqual([
    200,
    { success: true, data: [summary], meta: { limit: 7, next_cursor: null } },
  ]);
  expect(api.traces.asked.at(-1)).toEqual({
    fromMs: NOON_MS,
    toMs: 1_795_176_000_000,
    agent: 'sorter',
    service: 'mail',
    model: 'm1',
    status: 'error',
    durationNsMin: 1_500_000n,
    durationNsMax: 9_007_199_254_740_993n,
    attributes: [
      { key: 'user.id', value: 'a=b' },
      { key: ' k ', value: '' },
    ],
    text: 'Hello %',
  });
});

test.each([
  'attribute=key',
  'attribute==value',
  'status=unset',
  'from=2026-11-20',
  'from=2&to=1',
  'min_duration_ms=-1',
  'min_duration_ms=2&max_duration_ms=1',
  'min_duration_ms=1&max_duration_ns=999999',
  'max_duration_ns=1.5',
  'limit=501',
  'cursor=a%20b',
  'agent=',
  `text=${'x'.repeat(257)}`,
  Array.from({ length: 11 }, (_, index) => `attribute=k=${index}`).join('&'),
])('refuses the filter %s', async (query) => {
  const { status, body } = await get(`/api/v1/traces?${query}`);
  expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
});

test('says how to write a time', async () => {
  const { body } = await get('/api/v1/traces?from=yesterday');
  expect(body.error).toBe(
    'the query is not valid: from: write a time such as 2026-11-20T12:00:00Z, or milliseconds since 1970',
  );
});

test('says which end of a range is the wrong way round, and takes two ends that are the same', async () => {
  const range = await get('/api/v1/traces?from=2&to=1');
  expect(range.body.error).toBe('the query is not valid: from: must not be later than to');
  const same = await get('/api/v1/traces?from=1&to=1&min_duration_ms=1&max_duration_ns=1000000');
  expect(same.status).toBe(200);
});

test('answers the spans of a trace in OTLP/JSON field names, page by page', async () => {
  api.traces.spans = [span, { ...span, spanId: '00f067aa0ba902b7', name: 'second' }];
  const first = await get(`/api/v1/traces/${TRACE_ID.toUpperCase()}?limit=1`);
  expect([first.status, first.body]).toEqual([
    200,
    { success: true, data: { spans: [span] }, meta: { limit: 1, next_cursor: '1' } },
  ]);
  const second = await get(`/api/v1/traces/${TRACE_ID}?limit=1&cursor=1`);
  expect(second.body.data.spans.map(({ name }: TraceSpan) => name)).toEqual(['second']);
  expect(second.body.meta.next_cursor).toBeNull();
  expect(spanAnswer.parse(span)).toEqual(span);
});

test('answers the spans that are asked for by their ids', async () => {
  api.traces.spans = [span, { ...span, spanId: '00f067aa0ba902b7', name: 'second' }];
  const one = await get(`/api/v1/traces/${TRACE_ID}?span=00F067AA0BA902B7`);
  expect(one.body.data.spans.map(({ name }: TraceSpan) => name)).toEqual(['second']);
  const both = await get(`/api/v1/traces/${TRACE_ID}?span=${span.spanId}&span=00f067aa0ba902b7`);
  expect(both.body.data.spans).toHaveLength(2);
  const none = await get(`/api/v1/traces/${TRACE_ID}?span=${'0'.repeat(15)}1`);
  expect([none.status, none.body.error]).toEqual([
    404,
    `there is no trace ${TRACE_ID} with these spans`,
  ]);
  expect((await get(`/api/v1/traces/${TRACE_ID}?span=no`)).status).toBe(400);
});

test('outlines a trace by column, and finds a text in it', async () => {
  api.traces.spans = [span, { ...span, spanId: '00f067aa0ba902b7', name: 'second' }];
  const outline = await get(`/api/v1/traces/${TRACE_ID}/outline`);
  expect([outline.status, outline.body.meta]).toEqual([200, { limit: 10_000, next_cursor: null }]);
  const { words, name, span_id: ids } = outline.body.data;
  expect(name.map((at: number) => words[at])).toEqual(['agent.run', 'second']);
  expect(ids).toEqual([span.spanId, '00f067aa0ba902b7']);
  expect((await get(`/api/v1/traces/${'0'.repeat(31)}1/outline`)).status).toBe(404);
  const found = await get(`/api/v1/traces/${TRACE_ID}/matches?text=sec`);
  expect(found.body.data).toEqual({ span_ids: ['00f067aa0ba902b7'], more: false });
  const cut = await get(`/api/v1/traces/${TRACE_ID}/matches?text=e&limit=1`);
  expect(cut.body.data.more).toBe(true);
});

test('lists the events of the spans of a trace, and what exceptions say', async () => {
  const event = { timeUnixNano: '17', name: 'retry', attributes: [], droppedAttributesCount: 0 };
  const attributes = [{ key: 'exception.message', value: { stringValue: 'no such order' } }];
  const exception = { ...event, name: 'exception', attributes };
  api.traces.spans = [{ ...span, events: [event, exception] }];
  const { status, body } = await get(`/api/v1/traces/${TRACE_ID}/events`);
  const marked = { span_id: span.spanId, time_unix_nano: '17', exception_type: null };
  expect([status, body.data]).toEqual([
    200,
    {
      events: [
        { ...marked, name: 'retry', exception_message: null },
        { ...marked, name: 'exception', exception_message: 'no such order' },
      ],
      more: false,
    },
  ]);
  const cut = await get(`/api/v1/traces/${TRACE_ID}/events?limit=1`);
  expect([cut.body.data.events.length, cut.body.data.more]).toEqual([1, true]);
});

test('answers the calls of a trace that count, with the price they were counted at', async () => {
  const cost = {
    amount: 12_500_000_000n,
    source: 'library',
    priceVersion: 'v1',
    missing: '',
  } as const;
  const tokens = { input: 10, output: 2, cacheRead: 3, cacheWrite: null, reasoning: null };
  const call = modelCallOf({ traceId: TRACE_ID, tokens, cost });
  const { run } = runDetailOf();
  api.runs.families = [{ run, modelCalls: [call], children: [], all: [run] }];
  const { status, body } = await get(`/api/v1/traces/${TRACE_ID}/calls`);
  expect([status, body.data]).toEqual([
    200,
    [
      {
        span_id: 'e'.repeat(16),
        run_id: 'b'.repeat(16),
        origin: 'span',
        operation: 'chat',
        provider: 'openai',
        model: 'gpt-5-mini',
        request_model: 'gpt-5-mini',
        failed: false,
        tokens: { input: 10, output: 2, cache_read: 3, cache_write: null, reasoning: null },
        estimated: false,
        invalid: false,
        cost_usd: 0.0125,
        cost_source: 'library',
        price_version: 'v1',
        cost_missing: '',
      },
    ],
  ]);
  expect((await get(`/api/v1/traces/${'0'.repeat(31)}1/calls`)).body.data).toEqual([]);
});

test('knows no trace that is not stored, and no id that is none', async () => {
  const unknown = await get(`/api/v1/traces/${'0'.repeat(31)}1`);
  expect([unknown.status, unknown.body.error]).toEqual([
    404,
    'there is no trace 00000000000000000000000000000001',
  ]);
  for (const id of ['short', `${TRACE_ID}0`, TRACE_ID.replace('0', 'x'), '%27--']) {
    const { status, body } = await get(`/api/v1/traces/${id}`);
    expect([status, body.error]).toEqual([
      400,
      'the path is not valid: traceId: must be 32 hexadecimal digits',
    ]);
  }
});

test('counts what is stored', async () => {
  expect((await get('/api/v1/stats')).body).toEqual({
    success: true,
    data: { spans: 3, log_records: 2, metric_points: 1 },
  });
});

test('tells whether telemetry arrives, and how to send it here', async () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20<key>',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
  };
  const status = async () => (await get('/api/v1/otel/status')).body;
  expect(await status()).toEqual({
    success: true,
    data: {
      status: 'waiting',
      executions_24h: 4,
      last_received: null,
      grpc_endpoint: 'http://127.0.0.1:4317',
      env,
    },
  });
  await api.registry.observe([sightingOf('sorter')]);
  const received = {
    executions_24h: 4,
    last_received: '2026-11-20T12:00:00.000Z',
    grpc_endpoint: 'http://127.0.0.1:4317',
    env,
  };
  expect((await status()).data).toEqual({ ...received, status: 'receiving' });
  api.clock.nowMs = NOON_MS + 86_400_000;
  expect((await status()).data).toEqual({ ...received, executions_24h: 0, status: 'quiet' });
  api.clock.nowMs = NOON_MS;
});

test('keeps the names of root spans that were added, and who added them', async () => {
  const url = '/api/v1/settings/root-span-patterns';
  expect((await get(url)).body).toEqual({ success: true, data: { patterns: [] } });
  const body = { patterns: [' my.run ', 'my.run', 'job.start'] };
  const put = await api.call('PUT', url, { key, body });
  expect([put.status, put.body.data]).toEqual([200, { patterns: ['my.run', 'job.start'] }]);
  expect((await get(url)).body.data).toEqual({ patterns: ['my.run', 'job.start'] });
  const [entry] = await api.store.auditLog.find('default', { targetKind: 'setting' }, { limit: 1 });
  expect(entry).toMatchObject({
    action: 'setting.changed',
    target: { kind: 'setting', id: 'root_span_patterns' },
    detail: { from: [], to: ['my.run', 'job.start'] },
  });
  for (const patterns of [[''], ['x'.repeat(201)], Array.from({ length: 101 }, String), 'run']) {
    expect((await api.call('PUT', url, { key, body: { patterns } })).status).toBe(400);
  }
});

test('lists dead letters of the project, retries and removes them', async () => {
  const letter = {
    id: 'a1',
    project: 'default',
    signal: 'traces',
    reason: 'the engine refused it',
    receivedAtMs: NOON_MS,
    failedAtMs: NOON_MS + 1_000,
    bytes: 12,
  };
  api.letters.push(letter, { ...letter, id: 'b2' }, { ...letter, id: 'c3', project: 'another' });
  const list = async () => (await get('/api/v1/dead-letters')).body.data;
  expect(await list()).toEqual([
    {
      id: 'a1',
      signal: 'traces',
      reason: 'the engine refused it',
      received_at: '2026-11-20T12:00:00.000Z',
      failed_at: '2026-11-20T12:00:01.000Z',
      bytes: 12,
    },
    expect.objectContaining({ id: 'b2' }),
  ]);
  const act = async (method: string, path: string) => {
    const { status, body } = await api.call(method, `/api/v1/dead-letters/${path}`, { key: admin });
    return [status, body.data ?? body.code];
  };
  expect(await act('POST', 'a1/retry')).toEqual([200, { id: 'a1' }]);
  expect(await act('POST', 'a1/retry')).toEqual([404, 'NOT_FOUND']);
  expect(await act('DELETE', 'b2')).toEqual([200, { id: 'b2' }]);
  expect(await act('DELETE', 'c3')).toEqual([404, 'NOT_FOUND']);
  expect(await list()).toEqual([]);
  const entries = await api.store.auditLog.find(
    'default',
    { targetKind: 'dead_letter' },
    { limit: 9 },
  );
  expect(entries.map(({ action, target }) => [action, target.id])).toEqual([
    ['dead_letter.removed', 'b2'],
    ['dead_letter.retried', 'a1'],
  ]);
});
