import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import type { StoredSegment, TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import type { SpanSketch } from '../../../test/harness/trace-builder.ts';
import {
  agentSpan,
  chatSpan,
  spanIdOf,
  toolSpan,
  traceIdOf,
  traceRequest,
} from '../../../test/harness/trace-builder.ts';
import type { RunAnalyzer } from '../../analysis/runs/run-analyzer.ts';
import { startRunAnalyzer } from '../../analysis/runs/run-analyzer.ts';
import { analysisConfigSchema } from '../../analysis/config.ts';
import { CONTENT_ATTRIBUTES } from '../../semconv/content-keys.ts';
import type { RunSpan, RunStore } from '../run-store.ts';
import { createRunStore } from './run-store.ts';

let telemetry: TestTelemetryStore;
let store: RunStore;
/** Traces that were read from the store, one entry for each time. */
let read: string[] = [];
/** What the analyser could not do; empty unless a test expects otherwise. */
const problems: string[] = [];

beforeAll(async () => {
  telemetry = await openTelemetryStore();
  const clock = { now: () => RECEIVED_MS };
  store = createRunStore({
    engine: telemetry.engine,
    directory: join(telemetry.directory, 'blocks'),
    clock,
  });
});

afterAll(async () => {
  await telemetry.close();
});

afterEach(() => {
  expect(problems.splice(0)).toEqual([]);
});

/** All that a span tells; what is read when it is asked for included. */
function told(span: RunSpan): Record<keyof RunSpan, unknown> {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    receivedS: span.receivedS,
    name: span.name,
    kind: span.kind,
    remoteParent: span.remoteParent,
    startNs: span.startNs,
    durationNs: span.durationNs,
    statusCode: span.statusCode,
    statusMessage: span.statusMessage,
    service: span.service,
    resourceId: span.resourceId,
    scopeName: span.scopeName,
    agent: span.agent,
    operation: span.operation,
    requestModel: span.requestModel,
    responseModel: span.responseModel,
    provider: span.provider,
    framework: span.framework,
    toolName: span.toolName,
    toolCallId: span.toolCallId,
    conversation: span.conversation,
    user: span.user,
    errorType: span.errorType,
    inputTokens: span.inputTokens,
    outputTokens: span.outputTokens,
    cacheReadTokens: span.cacheReadTokens,
    cacheWriteTokens: span.cacheWriteTokens,
    cacheWrite1hTokens: span.cacheWrite1hTokens,
    reasoningTokens: span.reasoningTokens,
    reportedCost: span.reportedCost,
    flags: span.flags,
    serviceTier: span.serviceTier,
    keys: span.keys,
    values: span.values,
    events: span.events,
  };
}

const bySpan = (one: RunSpan, other: RunSpan): number => (one.spanId < other.spanId ? -1 : 1);

test('spans from the file that was inserted are those that the store gives', async () => {
  const spans = (name: string): SpanSketch[] => [
    agentSpan(`${name} root`, 'planner', { status: 2, message: `fünf ${'x'.repeat(3_000)}` }),
    chatSpan(`${name} chat`, `${name} root`, {
      attributes: {
        'gen_ai.usage.input_tokens': 1_000_000,
        'gen_ai.usage.cache_read.input_tokens': 7,
        'gen_ai.input.messages': `[{"role":"user","content":"${'ü'.repeat(2_000)}"}]`,
        'gen_ai.prompt.0.content': 'hello',
        'gen_ai.conversation.id': 'c-1',
        'not.asked.for': 'x',
      },
    }),
    toolSpan(`${name} tool`, `${name} root`, 'search', {
      attributes: { 'gen_ai.tool.call.arguments': '{"q":1}' },
    }),
    { id: `${name} plain`, parent: `${name} gone`, attributes: { 'input.value': 'unread' } },
  ];
  const segment = await telemetry.writeSegment([
    { body: traceRequest('one', spans('one')) },
    { body: traceRequest('two', spans('two')) },
    { project: 'other', body: traceRequest('one', [agentSpan('elsewhere', 'stranger')]) },
  ]);
  const held = await store.holdSpans(segment.spansFile!, CONTENT_ATTRIBUTES);
  for (const [project, name, count] of [
    ['default', 'one', 4],
    ['default', 'two', 4],
    ['other', 'one', 1],
    ['default', 'three', 0],
  ] as const) {
    const stored = await store.readSpans(project, [traceIdOf(name)], {
      windows: undefined,
      keys: CONTENT_ATTRIBUTES,
      after: undefined,
      limit: 100,
    });
    const inMemory = held.spansOf(project, traceIdOf(name));
    expect(inMemory.toSorted(bySpan).map(told)).toEqual(stored.toSorted(bySpan).map(told));
    expect(inMemory).toHaveLength(count);
  }
  const chat = held
    .spansOf('default', traceIdOf('one'))
    .find(({ name }) => name.startsWith('chat'))!;
  expect(chat.inputTokens).toBe(1_000_000);
  expect(chat.keys).not.toContain('not.asked.for');
});

test('of several stretches of time, what lies in one of them is given, and nothing in between', async () => {
  const DAY_MS = 86_400_000;
  await telemetry.writeSegment([
    {
      body: traceRequest(
        'apart',
        [0, 1, 2].map((day) => agentSpan(`day ${day}`, 'planner', { startMs: (day - 3) * DAY_MS })),
      ),
    },
  ]);
  const around = (day: number) => ({
    fromMs: RECEIVED_MS + (day - 3) * DAY_MS - 1_000,
    toMs: RECEIVED_MS + (day - 3) * DAY_MS + 1_000,
  });
  const found = async (days: readonly number[] | undefined) => {
    const spans = await store.readSpans('default', [traceIdOf('apart')], {
      windows: days?.map(around),
      keys: CONTENT_ATTRIBUTES,
      after: undefined,
      limit: 100,
    });
    return spans.map(({ spanId }) => spanId);
  };
  const ids = [0, 1, 2].map((day) => spanIdOf(`day ${day}`));
  expect(await found([0, 2])).toEqual([ids[0], ids[2]]);
  expect(await found([1])).toEqual([ids[1]]);
  expect(await found([])).toEqual([]);
  expect(await found(undefined)).toEqual(ids);
});

async function withAnalyzer(
  startMs: number,
  work: (touch: (segment: StoredSegment, atMs: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  let nowMs = startMs;
  const analyzer: RunAnalyzer = startRunAnalyzer({
    store: {
      ...store,
      async readSpans(project, traceIds, query) {
        read.push(...traceIds);
        return await store.readSpans(project, traceIds, query);
      },
    },
    price({ model }) {
      if (model === 'poison') throw new TypeError('a fault in here');
      return { amount: null, source: '', priceVersion: '', missing: 'no_model' };
    },
    clock: { now: () => nowMs },
    config: analysisConfigSchema.parse({}),
    directory: join(telemetry.directory, 'journal'),
    onProblem: (message) => problems.push(message),
  });
  try {
    await work(async ({ id, touched, spansFile }, atMs) => {
      nowMs = atMs;
      await analyzer.touch(id, touched, spansFile);
      // All that settles or rests is due.
      nowMs += 5_000;
      await analyzer.idle();
    });
  } finally {
    await analyzer.shutdown();
  }
}

async function runsOf(name: string): Promise<unknown[]> {
  const { runs } = await store.getTraceRuns('default', [traceIdOf(name)], undefined);
  return runs.map(({ value: { runId, status, spanCount, modelCalls } }) => [
    runId,
    status,
    spanCount,
    modelCalls,
  ]);
}

const HOUR_MS = 3_600_000;

test('a trace that goes on is analysed from memory as long as all of it is there', async () => {
  read = [];
  await withAnalyzer(RECEIVED_MS, async (touch) => {
    const first = await telemetry.writeSegment(
      [
        { body: traceRequest('grows', [chatSpan('g1', 'g root')]) },
        { body: traceRequest('other', [agentSpan('o root', 'finder')]) },
      ],
      RECEIVED_MS + HOUR_MS,
    );
    await touch(first, RECEIVED_MS + HOUR_MS);
    expect(await runsOf('grows')).toEqual([[spanIdOf('g root'), 'running', 1, 1]]);
    const last = await telemetry.writeSegment(
      [{ body: traceRequest('grows', [agentSpan('g root', 'planner', { endMs: 50 })]) }],
      RECEIVED_MS + HOUR_MS,
    );
    await touch({ ...last, spansFile: undefined }, RECEIVED_MS + HOUR_MS + 200_000);
    expect(read).toEqual([traceIdOf('grows')]);
  });
  expect(await runsOf('grows')).toEqual([[spanIdOf('g root'), 'ok', 2, 1]]);
  expect(await runsOf('other')).toEqual([[spanIdOf('o root'), 'ok', 1, 0]]);
});

test('a trace that a fault of our own meets is left out with the reason, and holds no other', async () => {
  const poison = { 'gen_ai.request.model': 'poison', 'gen_ai.response.model': 'poison' };
  const isWhole = RECEIVED_MS + 2 * HOUR_MS;
  await withAnalyzer(RECEIVED_MS, async (touch) => {
    const segment = await telemetry.writeSegment(
      ['sound 1', 'sound 2', 'ill', 'sound 3', 'sound 4'].map((name) => ({
        body: traceRequest(name, [
          agentSpan(`${name} root`, 'planner'),
          chatSpan(`${name} call`, `${name} root`, name === 'ill' ? { attributes: poison } : {}),
        ]),
      })),
      isWhole,
    );
    await touch(segment, isWhole);
  });
  expect(problems.splice(0)).toEqual([
    `the runs of trace ${traceIdOf('ill')} cannot be found, it is left out until more of it comes: a fault in here`,
  ]);
  for (const name of ['sound 1', 'sound 2', 'sound 3', 'sound 4']) {
    expect(await runsOf(name)).toEqual([[spanIdOf(`${name} root`), 'ok', 2, 1]]);
  }
  expect(await runsOf('ill')).toEqual([]);
});

test('a trace that goes on after a restart is one with what came before', async () => {
  read = [];
  await withAnalyzer(RECEIVED_MS, async (touch) => {
    const before = await telemetry.writeSegment([
      { body: traceRequest('restart', [chatSpan('r1', 'r root')]) },
    ]);
    await touch(before, RECEIVED_MS + 1_000);
  });
  expect(read).toContain(traceIdOf('restart'));
  const laterMs = RECEIVED_MS + 10 * HOUR_MS;
  await withAnalyzer(laterMs, async (touch) => {
    const startMs = 10 * HOUR_MS + 60_000;
    const after = await telemetry.writeSegment(
      [
        {
          body: traceRequest('restart', [
            chatSpan('r2', 'r root', { startMs, endMs: startMs + 10 }),
          ]),
        },
      ],
      laterMs + 61_000,
    );
    await touch(after, laterMs + 61_000);
  });
  expect(await runsOf('restart')).toEqual([[spanIdOf('r root'), 'running', 2, 2]]);
});
