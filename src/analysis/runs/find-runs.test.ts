import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { agent, chat, runSpan, tool } from '../../../test/harness/run-span.ts';
import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { findRunsIn } from './find-runs.ts';

/** Each run as `id agent <parent`, with its spans, model calls and tool calls. */
function outline(spans: readonly RunSpan[]) {
  const ids = (nodes: readonly { span: RunSpan }[]): string =>
    nodes
      .map(({ span }) => span.spanId)
      .toSorted()
      .join(' ');
  return findRunsIn(spans)
    .map((run) => ({
      run: `${run.runId} ${run.agent}${run.parent === undefined ? '' : ` <${run.parent.runId}`}`,
      spans: ids(run.nodes),
      calls: ids(run.modelCalls),
      tools: ids(run.toolCalls),
    }))
    .toSorted((one, other) => (one.run < other.run ? -1 : 1));
}

describe('runs of a trace', () => {
  test('a wrapper of the same agent folds in, another agent is a child run with its own calls', () => {
    expect(
      outline([
        agent('root', '', 'planner'),
        agent('inner', 'root', 'planner'),
        chat('c1', 'inner'),
        tool('t1', 'inner', 'search'),
        agent('sub', 't1', 'finder'),
        chat('c2', 'sub'),
      ]),
    ).toEqual([
      { run: 'root planner', spans: 'c1 inner root t1', calls: 'c1', tools: 't1' },
      { run: 'sub finder <root', spans: 'c2 sub', calls: 'c2', tools: '' },
    ]);
  });

  test('a span without an agent has that of the nearest span above of its service', () => {
    const worker = { service: 'worker' };
    expect(
      outline([
        agent('root', '', 'planner'),
        agent('remote', 'root', 'finder', worker),
        runSpan('back', { parentSpanId: 'remote' }),
        chat('c1', 'back', { name: 'agent.run', flags: GENAI_FLAG.runRoot | GENAI_FLAG.modelCall }),
        runSpan('forth', { ...worker, parentSpanId: 'back', flags: GENAI_FLAG.runRoot }),
        chat('c2', 'forth', worker),
      ]),
    ).toEqual([
      { run: 'remote finder <root', spans: 'back c1 c2 forth remote', calls: 'c1 c2', tools: '' },
      { run: 'root planner', spans: 'root', calls: '', tools: '' },
    ]);
  });

  test('services without a name name nobody', () => {
    expect(outline([chat('c', '', { service: 'unknown_service:node' })])).toEqual([
      { run: 'c ', spans: 'c', calls: 'c', tools: '' },
    ]);
  });

  test('calls outside of any run are one, from where their service was entered', () => {
    expect(
      outline([
        runSpan('edge', { service: 'edge', kind: 2 }),
        runSpan('entry', { parentSpanId: 'edge', kind: 2 }),
        runSpan('work', { parentSpanId: 'entry' }),
        chat('c1', 'work'),
        chat('c2', 'entry', { startMs: 20 }),
        tool('t1', 'entry', 'search'),
      ]),
    ).toEqual([{ run: 'entry svc', spans: 'c1 c2 entry t1 work', calls: 'c1 c2', tools: 't1' }]);
  });

  test('calls that name different agents under one root are runs of each', () => {
    expect(
      outline([
        runSpan('root'),
        chat('c1', 'root', { agent: 'one' }),
        chat('c2', 'root', { agent: 'two', startMs: 20 }),
        chat('c3', 'root', { agent: 'one', startMs: 40 }),
      ]),
    ).toEqual([
      { run: 'c2 two <root', spans: 'c2', calls: 'c2', tools: '' },
      { run: 'root one', spans: 'c1 c3 root', calls: 'c1 c3', tools: '' },
    ]);
  });

  test("names on the list of run roots make a run of a model's span only where nothing is above it", () => {
    const named = { name: 'openai.chat', flags: GENAI_FLAG.runRoot | GENAI_FLAG.modelCall };
    expect(outline([chat('c', '', named)])).toMatchObject([{ run: 'c svc' }]);
    expect(
      outline([
        runSpan('post'),
        chat('c1', 'post', named),
        chat('c2', 'post', { ...named, startMs: 20 }),
      ]),
    ).toMatchObject([{ run: 'post svc', calls: 'c1 c2' }]);
  });

  test('while a root is missing its run has its id, whatever comes first', () => {
    expect(outline([chat('c1', 'root'), tool('t1', 'root', 'search')])).toEqual([
      { run: 'root svc', spans: 'c1 t1', calls: 'c1', tools: 't1' },
    ]);
    expect(
      outline([chat('c1', 'root'), agent('sub', 'root', 'finder'), chat('c2', 'sub')]),
    ).toMatchObject([
      { run: 'root svc', calls: 'c1' },
      { run: 'sub finder <root', calls: 'c2' },
    ]);
  });

  test('a missing caller of a service is no part of its run', () => {
    expect(
      outline([runSpan('entry', { parentSpanId: 'browser', kind: 2 }), chat('c', 'entry')]),
    ).toMatchObject([{ run: 'entry svc', spans: 'c entry' }]);
    expect(outline([chat('c', 'elsewhere', { remoteParent: true })])).toMatchObject([
      { run: 'c svc' },
    ]);
  });

  test('a trace without agents, models and tools has no runs', () => {
    expect(outline([runSpan('a'), runSpan('b', { parentSpanId: 'a' })])).toEqual([]);
    expect(outline([])).toEqual([]);
  });

  test('a tool that agent, client and server tell of is called once; a retry twice', () => {
    const server = { service: 'server' };
    expect(
      outline([
        agent('root', '', 'planner'),
        tool('t1', 'root', 'search'),
        tool('client', 't1', 'search'),
        tool('server', 'client', 'search', server),
        tool('within', 'server', 'other', server),
        tool('t2', 'root', 'search', { startMs: 20, toolCallId: 'x' }),
        tool('t2 again', 'root', 'search', { startMs: 21, toolCallId: 'x', scopeName: 'other' }),
        tool('t2 retry', 'root', 'search', { startMs: 40, toolCallId: 'x' }),
      ]),
    ).toMatchObject([{ run: 'root planner', tools: 't1 t2 t2 retry within' }]);
  });

  test('of spans with one id the first counts, but one with an end before one without', () => {
    const [run] = findRunsIn([
      agent('root', '', 'planner', { durationMs: -5 }),
      agent('root', '', 'planner', { durationMs: 50 }),
      chat('c', 'root'),
      chat('c', 'root', { startMs: 5, inputTokens: 9 }),
    ]);
    expect([
      run!.root!.span.durationNs,
      run!.modelCalls[0]!.span.inputTokens,
      run!.nodes.length,
    ]).toEqual([50_000_000n, 100, 2]);
  });

  test('a trace of a hundred thousand spans, deep or wide, is gone through in time', () => {
    const count = 100_000;
    const deep = Array.from({ length: count }, (_, index) =>
      index % 2 === 0
        ? chat(`s${index}`, index === 0 ? '' : `s${index - 1}`, {
            inputTokens: null,
            outputTokens: null,
          })
        : agent(`s${index}`, `s${index - 1}`, `agent ${index % 3}`),
    );
    const wide = Array.from({ length: count }, (_, index) =>
      index === 0 ? agent('root', '', 'planner') : chat(`s${index}`, 'root', { startMs: index }),
    );
    expect(findRunsIn(deep).flatMap(({ nodes }) => nodes)).toHaveLength(count - 1);
    expect(findRunsIn(wide)[0]!.modelCalls).toHaveLength(count - 1);
  }, 60_000);
});

const span = fc.record({
  id: fc.nat({ max: 12 }),
  parent: fc.nat({ max: 14 }),
  kind: fc.constantFrom('agent', 'chat', 'bare', 'sum', 'tool', 'plain', 'wrong'),
  agent: fc.constantFrom('one', 'two', ''),
  service: fc.constantFrom('a', 'b'),
  tokens: fc.nat({ max: 1000 }),
  start: fc.nat({ max: 50 }),
});

type Facts = typeof span extends fc.Arbitrary<infer T> ? T : never;

function toSpan(facts: Facts): RunSpan {
  const id = `s${facts.id}`;
  // Some have no parent, some one that never comes, some one in a circle.
  const parent = facts.parent === 14 ? '' : `s${facts.parent}`;
  const rest = {
    service: facts.service,
    startMs: facts.start,
    agent: facts.agent === '' ? facts.service : facts.agent,
    inputTokens: facts.tokens,
    outputTokens: null,
  };
  switch (facts.kind) {
    case 'agent':
      return agent(id, parent, facts.agent, { ...rest, inputTokens: null });
    case 'sum':
      return agent(id, parent, facts.agent, rest);
    case 'chat':
      return chat(id, parent, rest);
    case 'bare':
      return chat(id, parent, { ...rest, inputTokens: null });
    case 'wrong':
      return chat(id, parent, { ...rest, flags: GENAI_FLAG.modelCall | GENAI_FLAG.tokensInvalid });
    case 'tool':
      return tool(id, parent, 'search', { ...rest, toolCallId: '' });
    case 'plain':
      return runSpan(id, { ...rest, parentSpanId: parent, inputTokens: null });
  }
}

/** The tokens that count, by the rule as it is said: no span below with usage. Each span looks for itself. */
function naiveSum(spans: readonly RunSpan[]): number {
  const parents = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]));
  const usage = spans.filter(
    ({ inputTokens, flags, toolName }) =>
      inputTokens !== null && toolName === '' && (flags & GENAI_FLAG.tokensInvalid) === 0,
  );
  const isBelow = (low: string, high: string): boolean => {
    for (let at = parents.get(low), steps = 0; at !== undefined && steps < 20; steps++) {
      if (at === high) return true;
      at = parents.get(at);
    }
    return false;
  };
  const counted = usage.filter(
    ({ spanId }) => !usage.some((other) => isBelow(other.spanId, spanId)),
  );
  return counted.reduce((sum, { inputTokens }) => sum + inputTokens!, 0);
}

test('every call is in one run, runs hold what an independent count finds, and the order of spans is all one', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 14 }), fc.nat(), (facts, turn) => {
      const spans = facts.map(toSpan);
      const runs = findRunsIn(spans);
      const calls = runs.flatMap(({ modelCalls }) => modelCalls);
      expect(new Set(calls).size).toBe(calls.length);
      const nodes = runs.flatMap((run) => run.nodes);
      expect(new Set(nodes).size).toBe(nodes.length);
      expect(new Set(runs.map(({ runId }) => runId)).size).toBe(runs.length);
      for (const run of runs) expect(run.nodes.length).toBeGreaterThan(0);
      const cut = spans.length === 0 ? 0 : turn % spans.length;
      expect(outline([...spans.slice(cut), ...spans.slice(0, cut)])).toEqual(outline(spans));
      const ids = new Set(spans.map(({ spanId }) => spanId));
      // Circles are cut, which the naive count does not do; it knows no spans sent twice either.
      const acyclic = spans.every(
        ({ spanId, parentSpanId }) => parentSpanId === '' || parentSpanId > spanId,
      );
      if (!acyclic || ids.size !== spans.length) return;
      const sum = calls
        .filter(({ span: { flags } }) => (flags & GENAI_FLAG.tokensInvalid) === 0)
        .reduce((total, { span: { inputTokens } }) => total + (inputTokens ?? 0), 0);
      expect(sum).toBe(naiveSum(spans));
    }),
    { numRuns: 500 },
  );
});

test('a tool that a log record tells of without the id of the call is the one beside it', () => {
  const told = (spanId: string, parentSpanId: string): RunSpan => ({
    ...tool(spanId, parentSpanId, 'read_file'),
    flags: GENAI_FLAG.told,
  });
  const called = (...spans: RunSpan[]): string[] =>
    findRunsIn([agent('root', '', 'gemini-cli'), ...spans]).flatMap(({ toolCalls }) =>
      toolCalls.map((node) => node.span.spanId),
    );
  const spanned = { ...tool('t1', 'root', 'read_file'), toolCallId: 'c1' };
  expect(called(spanned, told('r1', 'root'))).toEqual(['t1']);
  expect(called(told('r1', 'root'))).toEqual(['r1']);
  expect(called({ ...spanned, toolName: 'write_file' }, told('r1', 'root'))).toHaveLength(2);
});
