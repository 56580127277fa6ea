import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { findTraces } from '../../../src/query/find-traces.ts';
import type { TraceFilter } from '../../../src/query/trace-query.ts';
import type { TestTelemetryStore } from '../../harness/telemetry-store.ts';
import { openTelemetryStore } from '../../harness/telemetry-store.ts';

/** 2026-11-20 12:00 UTC; spans start within milliseconds of it, many at the same time. */
const NOON_MS = 1_795_176_000_000;

interface ModelSpan {
  readonly trace: number;
  readonly startMs: number;
  readonly durationNs: number;
  readonly service: string;
  readonly model: string;
  readonly error: boolean;
  readonly tag: string;
  readonly segment: number;
}

let opened: TestTelemetryStore;
let projects = 0;
beforeAll(async () => {
  opened = await openTelemetryStore();
});
afterAll(async () => {
  await opened?.close();
});

const traceIdOf = (trace: number): string => trace.toString(16).padStart(32, '0');

const anySpan: fc.Arbitrary<ModelSpan> = fc.record({
  trace: fc.integer({ min: 1, max: 25 }),
  startMs: fc.integer({ min: 0, max: 40 }),
  durationNs: fc.integer({ min: 0, max: 5 }),
  service: fc.constantFrom('a', 'b', 'c'),
  model: fc.constantFrom('', 'm', 'n'),
  error: fc.integer({ min: 0, max: 9 }).map((digit) => digit === 0),
  tag: fc.constantFrom('', 'x', 'Yellow'),
  segment: fc.integer({ min: 0, max: 2 }),
});

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: value });

const anyFilter: fc.Arbitrary<TraceFilter> = fc.record({
  fromMs: maybe(fc.integer({ min: 0, max: 40 }).map((ms) => NOON_MS + ms)),
  toMs: maybe(fc.integer({ min: 0, max: 40 }).map((ms) => NOON_MS + ms)),
  agent: maybe(fc.constantFrom('a', 'b')),
  service: maybe(fc.constantFrom('a', 'b', 'none')),
  model: maybe(fc.constantFrom('m', 'n')),
  status: maybe(fc.constantFrom('ok' as const, 'error' as const)),
  durationNsMin: maybe(fc.bigInt({ min: 0n, max: 5n })),
  durationNsMax: maybe(fc.bigInt({ min: 0n, max: 5n })),
  attributes: fc.constantFrom(
    [],
    [],
    [{ key: 'tag', value: 'x' }],
    [{ key: 'service.name', value: 'a' }],
  ),
  text: maybe(fc.constantFrom('yell', 'SPAN', 'nowhere')),
});

async function store(project: string, spans: readonly ModelSpan[]): Promise<void> {
  for (const segment of [0, 1, 2]) {
    const own = spans
      .map((span, index) => ({ span, index }))
      .filter(({ span }) => span.segment === segment);
    const resourceSpans = own.map(({ span, index }) => {
      const start = BigInt(NOON_MS + span.startMs) * 1_000_000n;
      return {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: span.service } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: traceIdOf(span.trace),
                spanId: (index + 1).toString(16).padStart(16, '0'),
                name: 'a span',
                startTimeUnixNano: String(start),
                endTimeUnixNano: String(start + BigInt(span.durationNs)),
                status: { code: span.error ? 2 : 0 },
                attributes: [
                  { key: 'gen_ai.request.model', value: { stringValue: span.model } },
                  { key: 'tag', value: { stringValue: span.tag } },
                ],
              },
            ],
          },
        ],
      };
    });
    await opened.write([{ project, body: { resourceSpans } }]);
  }
}

/** What the contract says, computed the slow way. */
function expectedTraces(spans: readonly ModelSpan[], filter: TraceFilter): string[] {
  type Test = (span: ModelSpan) => boolean;
  const within: Test = ({ startMs }) =>
    NOON_MS + startMs >= (filter.fromMs ?? 0) && NOON_MS + startMs < (filter.toMs ?? Infinity);
  const tests: Test[] = [];
  for (const { key, value } of filter.attributes ?? []) {
    tests.push((span) => (key === 'tag' ? span.tag : span.service) === value);
  }
  const { text, durationNsMin: min, durationNsMax: max } = filter;
  if (text !== undefined) {
    tests.push((span) =>
      ['a span', span.tag, span.model].some((own) =>
        own.toLowerCase().includes(text.toLowerCase()),
      ),
    );
  }
  if (filter.model !== undefined) tests.push(({ model }) => model === filter.model);
  if (filter.agent !== undefined) tests.push(({ service }) => service === filter.agent);
  if (filter.service !== undefined) tests.push(({ service }) => service === filter.service);
  if (filter.status === 'error') tests.push(({ error }) => error);
  if (min !== undefined || max !== undefined) {
    tests.push((span) => span.durationNs >= (min ?? 0n) && span.durationNs <= (max ?? 5n));
  }
  const leading = tests[0] ?? (() => true);
  const found: { trace: number; newest: number }[] = [];
  for (const trace of new Set(spans.map((span) => span.trace))) {
    const all = spans.filter((span) => span.trace === trace);
    const own = all.filter(within);
    if (filter.status === 'ok' && all.some(({ error }) => error)) continue;
    if (own.length === 0 || !tests.every((fits) => own.some(fits))) continue;
    found.push({ trace, newest: Math.max(...own.filter(leading).map(({ startMs }) => startMs)) });
  }
  return found
    .toSorted((a, b) => b.newest - a.newest || b.trace - a.trace)
    .map(({ trace }) => traceIdOf(trace));
}

/** In the order of the pages; within a page the rows are told to come by their starts, and put back. */
async function walk(
  project: string,
  filter: TraceFilter,
  limit: number,
  expected: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; ; pages++) {
    if (pages > 200) throw new Error('the pages do not end');
    const page = await findTraces(opened.store, project, filter, { limit, cursor });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    const starts = page.rows.map(({ startUnixNano }) => BigInt(startUnixNano));
    expect(starts).toEqual(starts.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
    const ids = page.rows.map(({ traceId }) => traceId);
    found.push(...ids.toSorted((a, b) => expected.indexOf(a) - expected.indexOf(b)));
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
}

test('pages give each trace that fits exactly once, in order, whatever the filter and the size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anySpan, { minLength: 1, maxLength: 150 }),
      fc.array(fc.tuple(anyFilter, fc.integer({ min: 1, max: 12 })), {
        minLength: 12,
        maxLength: 12,
      }),
      async (spans, questions) => {
        const project = `p${projects++}`;
        await store(project, spans);
        for (const [filter, limit] of questions) {
          const expected = expectedTraces(spans, filter);
          expect(await walk(project, filter, limit, expected)).toEqual(expected);
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('long traces in front of others hide none of them, and cost a page no more than a few searches', async () => {
  const project = `p${projects++}`;
  const spans = Array.from({ length: 6_000 }, (_, index): ModelSpan => ({
    trace: index < 5_800 ? 100 + (index % 3) : index,
    startMs: index < 5_800 ? 10 + Math.floor(index / 10) : index % 7,
    durationNs: 1,
    service: 'a',
    model: '',
    error: false,
    tag: '',
    segment: index % 3,
  }));
  await store(project, spans);
  let searches = 0;
  const counted = {
    ...opened.store,
    findTraces: (...args: Parameters<typeof opened.store.findTraces>) => {
      searches++;
      return opened.store.findTraces(...args);
    },
  };
  const page = await findTraces(counted, project, {}, { limit: 50 });
  const expected = expectedTraces(spans, {});
  const ids = page.rows.map(({ traceId }) => traceId);
  expect(ids.toSorted()).toEqual(expected.slice(0, 50).toSorted());
  expect(searches).toBeLessThanOrEqual(3);
  expect(await walk(project, {}, 50, expected)).toEqual(expected);
});

test('a summary says what the trace is, and its status agrees with the filter', async () => {
  const project = `p${projects++}`;
  const span = { trace: 1, durationNs: 5, service: 'a', model: 'm', tag: '', segment: 0 };
  await store(project, [
    { ...span, startMs: 1, error: false },
    { ...span, startMs: 30, error: true },
  ]);
  const early = { fromMs: NOON_MS, toMs: NOON_MS + 10 };
  expect(
    (await findTraces(opened.store, project, { ...early, status: 'ok' }, { limit: 5 })).rows,
  ).toEqual([]);
  const { rows } = await findTraces(opened.store, project, early, { limit: 5 });
  expect(rows).toEqual([
    {
      traceId: traceIdOf(1),
      rootName: 'a span',
      service: 'a',
      agent: 'a',
      startUnixNano: String(BigInt(NOON_MS + 1) * 1_000_000n),
      durationNs: '29000005',
      spanCount: 2,
      errorCount: 1,
      status: 'error',
      models: ['m'],
      inputTokens: null,
      outputTokens: null,
    },
  ]);
});

test.each([
  '?',
  Buffer.from('["x","y"]').toString('base64url'),
  Buffer.from('["1"]').toString('base64url'),
])('refuses the cursor %j', async (cursor) => {
  await expect(findTraces(opened.store, 'p', {}, { limit: 1, cursor })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
  });
});
