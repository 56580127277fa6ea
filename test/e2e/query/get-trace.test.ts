import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { getTrace } from '../../../src/query/get-trace.ts';
import type { AnyValue, KeyValue, TraceSpan } from '../../../src/query/trace-query.ts';
import type { TestTelemetryStore } from '../../harness/telemetry-store.ts';
import { openTelemetryStore } from '../../harness/telemetry-store.ts';

const NOON_NS = 1_795_176_000_000_000_000n;
const TRACE = 'a0'.repeat(16);

let opened: TestTelemetryStore;
let projects = 0;
beforeAll(async () => {
  opened = await openTelemetryStore();
});
afterAll(async () => {
  await opened?.close();
});

const spanIdOf = (index: number): string => (index + 1).toString(16).padStart(16, '0');

const anyText = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '\u0001', '\0', '$int', '\u0001'.padEnd(33, 'a'), '[1,"'),
  },
  // Long enough to be stored apart, as text and as a list in parts.
  {
    weight: 1,
    arbitrary: fc.string({ minLength: 400, maxLength: 600 }).map((text) => text.repeat(4)),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.string({ minLength: 200, maxLength: 400 }), { minLength: 6, maxLength: 8 })
      .map((parts) => JSON.stringify(parts.map((content) => ({ role: 'user', content })))),
  },
);
const anyKey = fc.oneof(
  fc.constantFrom(
    'k',
    '$bytes',
    '$double',
    '$$',
    '$',
    '__proto__',
    '1',
    '0',
    '',
    'gen_ai.agent.name',
  ),
  fc.string({ maxLength: 8 }),
);
const anyDouble: fc.Arbitrary<number | string> = fc
  .double()
  .map((value) =>
    Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : Object.is(value, -0)
        ? '-0'
        : String(value),
  );

const { value: anyValue } = fc.letrec<{ value: AnyValue; members: KeyValue[] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyText.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => ({ intValue: String(int) })),
    anyDouble.map((doubleValue) => ({ doubleValue })),
    fc
      .uint8Array({ maxLength: 1_600 })
      .map((bytes) => ({ bytesValue: Buffer.from(bytes).toString('base64') })),
    fc.constant({}),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => ({ arrayValue: { values } })),
    tie('members').map((values) => ({ kvlistValue: { values } })),
  ),
  members: fc.array(fc.record({ key: anyKey, value: tie('value') }), { maxLength: 4 }),
}));
const anyAttributes = fc.array(fc.record({ key: anyKey, value: anyValue }), { maxLength: 6 });
const anyCount = fc.integer({ min: 0, max: 0xffff_ffff });

type Sent = Omit<TraceSpan, 'resource' | 'scope' | 'genai' | 'traceId' | 'spanId'>;

const anySpan: fc.Arbitrary<Sent> = fc.record({
  parentSpanId: fc.constantFrom('', spanIdOf(3)),
  traceState: fc.constantFrom('', 'a=1,b=2'),
  flags: anyCount,
  name: anyText,
  kind: fc.integer({ min: 0, max: 5 }),
  startTimeUnixNano: fc.bigInt({ min: 0n, max: 50n }).map((ns) => String(NOON_NS + ns)),
  endTimeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 32n * 1_000_000_000n - 1n }).map(String),
  attributes: anyAttributes,
  droppedAttributesCount: anyCount,
  events: fc.array(
    fc.record({
      timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
      name: anyText,
      attributes: anyAttributes,
      droppedAttributesCount: anyCount,
    }),
    { maxLength: 3 },
  ),
  droppedEventsCount: anyCount,
  links: fc.array(
    fc.record({
      traceId: fc.constant('0b'.repeat(16)),
      spanId: fc.constant('0c'.repeat(8)),
      traceState: fc.constantFrom('', 'c=3'),
      attributes: anyAttributes,
      droppedAttributesCount: anyCount,
      flags: anyCount,
    }),
    { maxLength: 2 },
  ),
  droppedLinksCount: anyCount,
  status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: anyText }),
});

async function allPages(project: string, limit: number): Promise<TraceSpan[]> {
  const spans: TraceSpan[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await getTrace(opened.store, project, TRACE, { limit, cursor });
    spans.push(...page!.rows);
    if (page!.nextCursor === null) return spans;
    expect(page!.rows).toHaveLength(limit);
    cursor = page!.nextCursor;
  }
}

test('everything that a span, its resource and its scope can say comes back as it was sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anySpan, { minLength: 1, maxLength: 12 }),
      anyAttributes,
      anyAttributes,
      fc.integer({ min: 1, max: 5 }),
      async (sent, ofResource, ofScope, limit) => {
        const project = `p${projects++}`;
        const spans = sent.map((span, index) => ({
          ...span,
          traceId: TRACE,
          spanId: spanIdOf(index),
        }));
        const resource = { attributes: ofResource, droppedAttributesCount: 7 };
        const scope = { name: 'lib', version: '1', attributes: ofScope, droppedAttributesCount: 8 };
        const scopeSpans = [{ scope, schemaUrl: 'scope/2', spans }];
        const body = { resourceSpans: [{ resource, schemaUrl: 'resource/1', scopeSpans }] };
        await opened.write([{ project, body }]);
        const expected = spans
          .map((span) => ({
            ...span,
            resource: { ...resource, schemaUrl: 'resource/1' },
            scope: { ...scope, schemaUrl: 'scope/2' },
          }))
          .toSorted((a, b) =>
            `${a.startTimeUnixNano}${a.spanId}` < `${b.startTimeUnixNano}${b.spanId}` ? -1 : 1,
          );
        const answered = JSON.parse(JSON.stringify(await allPages(project, limit))) as TraceSpan[];
        expect(answered.map((span) => ({ ...span, genai: undefined }))).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

const textSpan = (index: number, value: AnyValue) => ({
  traceId: TRACE,
  spanId: spanIdOf(index),
  name: 's',
  startTimeUnixNano: String(NOON_NS),
  attributes: [{ key: 'input', value }],
});
const requestOf = (...spans: unknown[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

test('a payload that is gone leaves a note in its place', async () => {
  const project = `p${projects++}`;
  const list: AnyValue = { arrayValue: { values: [{ stringValue: 'z'.repeat(2_000) }] } };
  const spans = [textSpan(0, { stringValue: 'y'.repeat(2_000) }), textSpan(1, list)];
  await opened.write([{ project, body: requestOf(...spans) }]);
  expect((await allPages(project, 10)).map(({ attributes }) => attributes[0]!.value)).toEqual([
    spans[0]!.attributes[0]!.value,
    list,
  ]);
  await opened.engine.command('TRUNCATE TABLE payloads');
  const [text, parts] = (await allPages(project, 10)).map(({ attributes }) => attributes[0]!.value);
  expect(text!.stringValue).toMatch(/^\[payload [0-9a-f]{32} has expired\]$/);
  expect(parts!.stringValue).toMatch(/\[payload [0-9a-f]{32} has expired\]/);
});

test('a page ends before it is too large, and the pages together give every span once', async () => {
  const project = `p${projects++}`;
  const large = Array.from({ length: 40 }, (_, index) =>
    textSpan(index, { stringValue: `${index} `.padEnd(2 * 1024 * 1024, 'x') }),
  );
  for (const span of large) await opened.write([{ project, body: requestOf(span) }]);
  const sizes: number[] = [];
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await getTrace(opened.store, project, TRACE, { limit: 1000, cursor });
    sizes.push(JSON.stringify(page!.rows).length);
    ids.push(...page!.rows.map(({ spanId }) => spanId));
    cursor = page!.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(ids).toEqual(large.map((_, index) => spanIdOf(index)));
  expect(sizes.length).toBeGreaterThan(4);
  expect(Math.max(...sizes)).toBeLessThan(20 * 1024 * 1024);
});

test('a trace that is not there is undefined, and the page behind its last is empty', async () => {
  const project = `p${projects++}`;
  expect(await getTrace(opened.store, project, TRACE, { limit: 5 })).toBeUndefined();
  const cursor = Buffer.from(JSON.stringify([String(NOON_NS), spanIdOf(0)])).toString('base64url');
  expect(await getTrace(opened.store, project, TRACE, { limit: 5, cursor })).toEqual({
    rows: [],
    nextCursor: null,
  });
  await expect(
    getTrace(opened.store, project, TRACE, { limit: 5, cursor: 'bm90IG9uZQ' }),
  ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
});

test('a span without meaning has no GenAI view, and one with meaning the whole of it', async () => {
  const project = `p${projects++}`;
  const attributes = [
    { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
    { key: 'gen_ai.provider.name', value: { stringValue: 'openai' } },
    { key: 'gen_ai.request.model', value: { stringValue: 'gpt' } },
    { key: 'gen_ai.usage.input_tokens', value: { intValue: '12' } },
    { key: 'gen_ai.usage.cache_read.input_tokens', value: { intValue: '4' } },
    {
      key: 'gen_ai.response.finish_reasons',
      value: { arrayValue: { values: [{ stringValue: 'stop' }, { stringValue: 'length' }] } },
    },
  ];
  const plain = { ...textSpan(0, { stringValue: 'x' }), name: 'GET /' };
  await opened.write([{ project, body: requestOf(plain, { ...textSpan(1, {}), attributes }) }]);
  const [none, view] = (await allPages(project, 10)).map(({ genai }) => genai);
  expect(none).toBeNull();
  expect(view).toMatchObject({
    operation: 'chat',
    provider: 'openai',
    request_model: 'gpt',
    response_model: null,
    input_tokens: 12,
    output_tokens: null,
    cache_read_tokens: 4,
    finish_reasons: ['stop', 'length'],
  });
});
