import { afterAll, beforeAll, expect, test } from 'vitest';

import type { TestRunAnalysis } from '../../../test/harness/run-analysis.ts';
import { openRunAnalysis } from '../../../test/harness/run-analysis.ts';
import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
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
import { mulberry32 } from '../../cli/demo/random.ts';
import type { Run } from '../../model/run.ts';
import { createCostStore } from './cost-store.ts';

let telemetry: TestTelemetryStore;
let analysis: TestRunAnalysis;

beforeAll(async () => {
  telemetry = await openTelemetryStore();
  analysis = openRunAnalysis(telemetry);
});

afterAll(async () => {
  await telemetry.close();
});

async function runsOf(trace: string): Promise<readonly Run[]> {
  const { runs } = await analysis.store.getTraceRuns('default', [traceIdOf(trace)], undefined);
  return runs
    .map(({ value }) => value)
    .toSorted((one, other) => (one.startNs < other.startNs ? -1 : 1));
}

/** A trace of some twenty spans: agents within agents, calls with and without usage, wrappers, sums, tools. */
function randomTrace(name: string, random: () => number): SpanSketch[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const count = 1 + Math.floor(random() * 24);
  return Array.from({ length: count }, (_, index): SpanSketch => {
    const parent = index === 0 ? -1 : Math.floor(random() * (index + 1)) - 1;
    const id = `${name} ${index}`;
    const place = {
      // Some parents never come.
      parent:
        parent === -1 ? (random() < 0.3 ? `${name} missing` : undefined) : `${name} ${parent}`,
      startMs: index,
      endMs: index + 1 + random() * 20,
      service: pick(['web', 'worker']),
      scope: 'one',
    };
    const usage = {
      'gen_ai.usage.input_tokens': Math.floor(random() * 10_000),
      'gen_ai.usage.output_tokens': Math.floor(random() * 1_000),
    };
    switch (pick(['agent', 'sum', 'chat', 'chat', 'bare', 'wrong', 'tool', 'plain'] as const)) {
      case 'agent':
        return agentSpan(id, pick(['planner', 'finder']), place);
      case 'sum':
        return agentSpan(id, pick(['planner', 'finder']), { ...place, attributes: usage });
      case 'chat':
        return chatSpan(id, place.parent, { ...place, attributes: usage });
      case 'bare': {
        const { name: title, ...rest } = chatSpan(id, place.parent, place);
        const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4.1' };
        return { ...rest, name: title!, attributes };
      }
      case 'wrong':
        return chatSpan(id, place.parent, {
          ...place,
          attributes: { ...usage, 'gen_ai.usage.input_tokens': -5 },
        });
      case 'tool':
        return toolSpan(id, place.parent, 'search', { ...place, attributes: usage });
      case 'plain':
        return { id, ...place };
    }
  });
}

test('totals over runs are those that SQL counts over the raw spans, however the spans arrived', async () => {
  const random = mulberry32(20261120);
  const names = Array.from({ length: 120 }, (_, index) => `random ${index}`);
  const rest = new Map(names.map((name) => [name, randomTrace(name, random)]));
  for (let segment = 0; segment < 5; segment++) {
    const touched: string[] = [];
    const requests = [];
    for (const [name, spans] of rest) {
      const part = segment === 4 ? spans : spans.filter(() => random() < 0.4);
      if (part.length === 0) continue;
      // What was sent may be sent again: it is left among the rest by chance.
      rest.set(
        name,
        spans.filter((span) => !part.includes(span) || random() < 0.1),
      );
      touched.push(name);
      requests.push({ body: traceRequest(name, part) });
    }
    await telemetry.write(requests);
    await analysis.analyze(touched);
  }
  const [raw] = await telemetry.engine.query<Record<string, string>>(`
    WITH RECURSIVE
      s AS (SELECT * FROM spans WHERE has(range(1000), 1) LIMIT 1 BY trace_id, span_id),
      u AS (SELECT * FROM s WHERE tool_name = '' AND bitAnd(genai_flags, 16) = 0 AND input_tokens IS NOT NULL),
      up AS (
        SELECT trace_id, parent_span_id AS above FROM u
        UNION ALL SELECT s.trace_id, s.parent_span_id FROM up JOIN s ON s.trace_id = up.trace_id AND s.span_id = up.above)
    SELECT sum(input_tokens) AS input, sum(output_tokens) AS output, count() AS calls FROM u
    WHERE (trace_id, span_id) NOT IN (SELECT trace_id, above FROM up)`);
  const [ofRuns] = await telemetry.engine.query<Record<string, string>>(`SELECT
      sum(input_tokens * sign) AS input, sum(output_tokens * sign) AS output, sum(model_calls * sign) AS calls,
      sum(cost * sign) AS cost FROM runs`);
  const [ofCalls] = await telemetry.engine.query<Record<string, string>>(`SELECT
      sum(input_tokens * sign) AS input, sum(output_tokens * sign) AS output, sum(sign) AS calls,
      sum(cost * sign) AS cost, sumIf(sign, input_tokens IS NOT NULL) AS counted,
      sumIf(sign, invalid = 1) AS invalid FROM model_calls`);
  const summaries = await telemetry.store.summarizeTraces('default', names.map(traceIdOf));
  const sum = (of: (row: (typeof summaries)[number]) => number | null): string =>
    String(summaries.reduce((total, row) => total + (of(row) ?? 0), 0));
  expect({ input: ofRuns!.input, output: ofRuns!.output }).toEqual({
    input: raw!.input,
    output: raw!.output,
  });
  expect({ input: ofCalls!.input, output: ofCalls!.output, counted: ofCalls!.counted }).toEqual({
    input: raw!.input,
    output: raw!.output,
    counted: raw!.calls,
  });
  expect({ input: sum((row) => row.inputTokens), output: sum((row) => row.outputTokens) }).toEqual({
    input: raw!.input,
    output: raw!.output,
  });
  expect([ofRuns!.calls, ofRuns!.cost]).toEqual([ofCalls!.calls, ofCalls!.cost]);
  expect(Number(ofCalls!.invalid)).toBeGreaterThan(10);
  const again = await analysis.analyze(names);
  expect(
    again.traces.flatMap(({ changedRuns, goneRuns }) => [...changedRuns, ...goneRuns]),
  ).toEqual([]);
});

test('what a sender gets wrong gives a run or a reason, and is not summed', async () => {
  const day = 86_400_000;
  const usage = (input: string | number): Record<string, string | number> => ({
    'gen_ai.usage.input_tokens': input,
  });
  const bad: Record<string, readonly SpanSketch[]> = {
    negative: [chatSpan('negative', undefined, { attributes: usage(-1) })],
    absurd: [chatSpan('absurd', undefined, { attributes: usage(1e15) })],
    fraction: [chatSpan('fraction', undefined, { attributes: usage(1.5) })],
    digits: [chatSpan('digits', undefined, { attributes: usage('77') })],
    words: [chatSpan('words', undefined, { attributes: usage('many') })],
    future: [chatSpan('future', undefined, { startMs: 400 * day })],
    'the seventies': [
      chatSpan('the seventies', undefined, {
        startMs: 1_000 - RECEIVED_MS,
        endMs: 2_000 - RECEIVED_MS,
      }),
    ],
    circle: [
      chatSpan('circle a', 'circle b'),
      agentSpan('circle b', 'planner', { parent: 'circle a' }),
    ],
    'own parent': [chatSpan('own parent', 'own parent')],
    'another trace': [chatSpan('another trace', 'negative')],
    backwards: [agentSpan('backwards', 'planner', { startMs: 50, endMs: 20 })],
    megabytes: [
      chatSpan('megabytes', undefined, {
        attributes: {
          'gen_ai.input.messages': `[{"role":"user","content":"${'x'.repeat(3_000_000)}"}]`,
        },
      }),
    ],
  };
  for (const [name, spans] of Object.entries(bad)) {
    await telemetry.write([{ body: traceRequest(name, spans) }]);
  }
  const { details } = await analysis.analyze(Object.keys(bad));
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(bad)) {
    const [run, ...more] = await runsOf(name);
    found[name] = [run!.status, run!.tokens.input, run!.callsInvalid, more.length];
  }
  expect(found).toEqual({
    negative: ['ok', null, 1, 0],
    absurd: ['ok', null, 1, 0],
    fraction: ['ok', null, 1, 0],
    digits: ['ok', 77, 0, 0],
    words: ['ok', null, 1, 0],
    future: ['ok', 1000, 0, 0],
    'the seventies': ['ok', 1000, 0, 0],
    circle: ['ok', 1000, 0, 0],
    'own parent': ['ok', 1000, 0, 0],
    'another trace': ['running', 1000, 0, 0],
    backwards: ['ok', null, 0, 0],
    megabytes: ['ok', 1000, 0, 0],
  });
  const large = details.find(({ run }) => run.traceId === traceIdOf('megabytes'));
  expect([large?.input?.text.length, large?.input?.truncated]).toEqual([65_536, true]);
});

test('a call is summed up on a day that its sender can mean, else on that of its receipt', async () => {
  const attributes = { 'gen_ai.agent.name': 'dated' };
  const at = (startMs: number, endMs = startMs): Partial<SpanSketch> => ({
    attributes,
    startMs,
    endMs,
  });
  const dated: Record<string, Partial<SpanSketch>> = {
    'of 2106': at(Date.UTC(2106, 0, 1) - RECEIVED_MS),
    'without times': at(-RECEIVED_MS),
    'without a start': at(-RECEIVED_MS, 0),
    'of the seventies': at(Date.UTC(1973, 0, 1) - RECEIVED_MS),
  };
  for (const [name, rest] of Object.entries(dated)) {
    await telemetry.write([{ body: traceRequest(name, [chatSpan(name, undefined, rest)]) }]);
  }
  // The engine's types for days begin anew: this would be a day of 2026.
  const beyond = chatSpan('of 2206', undefined, at(Date.UTC(2206, 3, 27) - RECEIVED_MS));
  await expect(telemetry.write([{ body: traceRequest('of 2206', [beyond]) }])).rejects.toThrow(
    '1 span rejected: start_time_unix_nano is beyond 2106-02-07 (1)',
  );
  await analysis.analyze(Object.keys(dated));
  const days = await createCostStore(telemetry.engine).sumCosts('default', {
    filter: { fromMs: 0, toMs: Date.UTC(2262, 0, 1), agent: 'dated' },
    by: ['day'],
    timeZone: 'UTC',
    limit: 10,
  });
  expect(days.map(({ key, sums }) => `${key[0]}: ${sums.calls}`)).toEqual([
    '2026-11-20: 2',
    '1973-01-01: 1',
    '2106-01-01: 1',
  ]);
});

test('a trace beyond the bound is looked at in part, and its run says so', async () => {
  const count = 4_500;
  const children = Array.from({ length: count }, (_, index) =>
    chatSpan(`huge ${index}`, 'huge root', { startMs: index + 1 }),
  );
  await telemetry.write([
    {
      body: traceRequest('huge', [
        agentSpan('huge root', 'planner', { endMs: count }),
        ...children,
      ]),
    },
  ]);
  await analysis.analyze(['huge']);
  expect(await runsOf('huge')).toMatchObject([{ modelCalls: count, truncated: false }]);
  const bounded = openRunAnalysis(telemetry, { traceSpansMax: 2_000 });
  await bounded.analyze(['huge']);
  expect(await runsOf('huge')).toMatchObject([{ modelCalls: 1_999, truncated: true }]);
});

test('a late root takes over what was found without it', async () => {
  await telemetry.write([
    {
      body: traceRequest('late', [
        chatSpan('late chat', 'late inner'),
        agentSpan('late inner', 'planner', { parent: 'late root' }),
      ]),
    },
  ]);
  await analysis.analyze(['late']);
  expect(await runsOf('late')).toMatchObject([{ runId: spanIdOf('late inner'), status: 'ok' }]);
  await telemetry.write([
    {
      body: traceRequest('late', [
        agentSpan('late root', 'planner', { endMs: 90, status: 2, message: 'no money' }),
      ]),
    },
  ]);
  const { traces } = await analysis.analyze(['late']);
  expect(traces[0]!.goneRuns.map(({ runId }) => runId)).toEqual([spanIdOf('late inner')]);
  expect(await runsOf('late')).toMatchObject([
    {
      runId: spanIdOf('late root'),
      status: 'error',
      errorMessage: 'no money',
      modelCalls: 1,
      spanCount: 3,
    },
  ]);
});

test('runs of a trace that lie apart from its new spans stay when the process has started anew', async () => {
  const minutes = [-40, -15, -9, 0];
  const turns = minutes.map((minute) =>
    agentSpan(`turn ${minute}`, 'planner', { startMs: minute * 60_000 }),
  );
  const other = agentSpan('other turn', 'planner', { startMs: -40 * 60_000 });
  await telemetry.write([
    { body: traceRequest('turns', turns) },
    { body: traceRequest('other', [other]) },
  ]);
  await analysis.analyze(['turns', 'other']);
  const ids = minutes.map((minute) => spanIdOf(`turn ${minute}`));
  expect((await runsOf('turns')).map(({ runId }) => runId)).toEqual(ids);
  // What was nine minutes before is read, too, and what was fifteen minutes before is not.
  await analysis.analyzeNews({ turns: 0 });
  expect((await runsOf('turns')).map(({ runId }) => runId)).toEqual(ids);
  // So is what another trace has it looked at for.
  await analysis.analyzeNews({ turns: 0, other: -40 * 60_000 });
  expect((await runsOf('turns')).map(({ runId }) => runId)).toEqual(ids);
});

test('a call that says what a log record within it says keeps all that its span tells', async () => {
  const says = (text: string) => JSON.stringify([{ role: 'user', content: text }]);
  const record = {
    timeUnixNano: String(BigInt(RECEIVED_MS) * 1_000_000n + 9_000_000n),
    traceId: traceIdOf('silent'),
    spanId: spanIdOf('silent chat'),
    eventName: 'gen_ai.client.inference.operation.details',
    attributes: [
      { key: 'gen_ai.input.messages', value: { stringValue: says('hello') } },
      { key: 'gen_ai.output.messages', value: { stringValue: says('hi') } },
    ],
  };
  const service = { key: 'service.name', value: { stringValue: 'svc' } };
  const body = {
    resourceLogs: [
      {
        resource: { attributes: [service] },
        scopeLogs: [{ scope: { name: 'test' }, logRecords: [record] }],
      },
    ],
  };
  const spans = [agentSpan('silent root', 'planner'), chatSpan('silent chat', 'silent root')];
  await telemetry.write([{ body: traceRequest('silent', spans) }, { signal: 'logs', body }]);
  const { details } = await analysis.analyze(['silent']);
  expect(await runsOf('silent')).toMatchObject([
    { modelCalls: 1, tokens: { input: 1_000, output: 100 }, models: ['gpt-4.1'], callsUnpriced: 0 },
  ]);
  expect(details.map(({ input, output }) => [input?.text, output?.text])).toEqual([
    ['hello', 'hi'],
  ]);
});

test('a run without an end is abandoned once nothing came for long, and comes back with its root', async () => {
  await telemetry.write([{ body: traceRequest('lost', [chatSpan('lost chat', 'lost root')]) }]);
  await analysis.analyze(['lost']);
  expect(await runsOf('lost')).toMatchObject([{ runId: spanIdOf('lost root'), status: 'running' }]);
  analysis.clock.nowMs += 1_800_000;
  const found = await analysis.store.findRunning(analysis.clock.nowMs - 1_700_000, 100);
  expect(found.map(({ traceId }) => traceId)).toContain(traceIdOf('lost'));
  await analysis.analyze(['lost']);
  expect(await runsOf('lost')).toMatchObject([{ status: 'abandoned', durationNs: null }]);
  await telemetry.write(
    [{ body: traceRequest('lost', [agentSpan('lost root', 'planner', { endMs: 30 })]) }],
    analysis.clock.nowMs,
  );
  await analysis.analyze(['lost']);
  expect(await runsOf('lost')).toMatchObject([
    { status: 'ok', agent: 'planner', durationNs: 30_000_000n },
  ]);
});
