import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  agentSpan,
  chatSpan,
  spanIdOf,
  traceRequest,
} from '../../../test/harness/trace-builder.ts';
import { runDetailOf } from '../../../test/harness/run-detail.ts';
import { openRunAnalysis } from '../../../test/harness/run-analysis.ts';
import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { createConversationReader } from '../../analysis/conversations/conversation-reader.ts';
import type { Run, RunTokens } from '../../model/run.ts';
import type { ConversationSortKey, ConversationStore } from '../conversation-store.ts';
import type { RunStore } from '../run-store.ts';
import { createConversationStore } from './conversation-store.ts';
import { createRunStore } from './run-store.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
const NO_CALLS = { gone: [], come: [] };
const DOLLAR = 1_000_000_000_000n;

let opened: TestTelemetryStore;
let directory: string;
let runs: RunStore;
let store: ConversationStore;
beforeAll(async () => {
  opened = await openTelemetryStore();
  directory = mkdtempSync(join(tmpdir(), 'signalbox-conversations-'));
  runs = createRunStore({ engine: opened.engine, directory, clock: { now: () => NOON_MS } });
  store = createConversationStore(opened.engine);
});
afterAll(async () => {
  await opened?.close();
  rmSync(directory, { recursive: true });
});

let projects = 0;
const newProject = (): string => `conversations-${++projects}`;

const tokens = (input: number | null, output: number | null): RunTokens => ({
  input,
  output,
  cacheRead: null,
  cacheWrite: null,
  reasoning: null,
});

/** The id tells runs and traces apart, and how many hours after noon it began. */
const run = (id: number, rest: Partial<Run>): Run =>
  runDetailOf({
    run: {
      traceId: id.toString(16).padStart(32, '0'),
      runId: id.toString(16).padStart(16, '0'),
      startNs: BigInt(NOON_MS + id * HOUR_MS) * 1_000_000n,
      tokens: tokens(10, 5),
      cost: DOLLAR,
      ...rest,
    },
  }).run;

const write = async (...come: Run[]): Promise<void> => {
  const versioned = come.map((value) => ({ value, version: 1 }));
  await runs.writeChanges({ gone: [], come: versioned }, NO_CALLS);
};

const find = (project: string, filter = {}, sort: ConversationSortKey = 'last') =>
  store.findConversations(project, { filter, sort, after: undefined, limit: 10 });

test('a conversation sums the runs that name it, each as it is now', async () => {
  const project = newProject();
  const before = run(1, { project, conversation: 'c', status: 'running', errorCount: 9 });
  const gone = run(2, { project, conversation: 'c' });
  await write(
    before,
    gone,
    run(3, { project, conversation: 'c', agent: 'second', user: 'ada', toolCalls: 2 }),
    run(4, { project, conversation: 'c', traceId: before.traceId, cost: null, callsUnpriced: 1 }),
    run(5, { project, conversation: '' }),
    run(6, { project: `${project}-other`, conversation: 'c' }),
  );
  const after = run(1, { project, conversation: 'c', status: 'error', errorCount: 1 });
  await runs.writeChanges(
    {
      gone: [before, gone].map((value) => ({ value, version: 1 })),
      come: [{ value: after, version: 2 }],
    },
    NO_CALLS,
  );
  const sums = {
    id: 'c',
    agents: ['assistant', 'second'],
    users: ['ada'],
    runs: 3,
    failedRuns: 1,
    traces: 2,
    errors: 1,
    modelCalls: 3,
    toolCalls: 2,
    firstNs: after.startNs,
    lastNs: run(4, {}).startNs,
    tokens: tokens(30, 15),
    cost: 2n * DOLLAR,
    callsUnpriced: 1,
  };
  expect(await find(project)).toEqual({ conversations: [sums], next: undefined });
});

test('what no run knows stays unknown, and comes last', async () => {
  const project = newProject();
  await write(
    run(1, { project, conversation: 'unpriced', cost: null, tokens: tokens(null, null) }),
    run(2, { project, conversation: 'cheap', cost: 1n, tokens: tokens(1, null) }),
    run(3, { project, conversation: 'silent', cost: 0n, modelCalls: 0, tokens: tokens(0, 0) }),
  );
  const { conversations } = await find(project, {}, 'cost');
  expect(conversations.map(({ id, cost }) => [id, cost])).toEqual([
    ['cheap', 1n],
    ['silent', 0n],
    ['unpriced', null],
  ]);
  const byTokens = await find(project, {}, 'tokens');
  expect(byTokens.conversations.map(({ id, tokens: { input } }) => [id, input])).toEqual([
    ['cheap', 1],
    ['silent', 0],
    ['unpriced', null],
  ]);
});

test('conversations are found by agent, user, time and text, each held against any of the runs', async () => {
  const project = newProject();
  await write(
    run(1, { project, conversation: 'order-17', agent: 'desk', user: 'ada' }),
    run(2, { project, conversation: 'order-17', agent: 'refunds', user: 'ada' }),
    run(3, { project, conversation: 'trip', agent: 'planner', user: 'Grace' }),
  );
  const found = async (filter: object) =>
    (await find(project, filter)).conversations.map(({ id, runs: count }) => `${id} ${count}`);
  expect(await found({ agent: 'refunds' })).toEqual(['order-17 2']);
  expect(await found({ agent: 'refunds', user: 'Grace' })).toEqual([]);
  expect(await found({ traceId: run(3, {}).traceId })).toEqual(['trip 1']);
  expect(await found({ id: 'trip' })).toEqual(['trip 1']);
  expect(await found({ text: 'ORDER' })).toEqual(['order-17 2']);
  expect(await found({ text: 'grace' })).toEqual(['trip 1']);
  expect(await found({ text: "'; DROP" })).toEqual([]);
  const from = NOON_MS + 2 * HOUR_MS;
  expect(await found({ fromMs: from })).toEqual(['trip 1', 'order-17 1']);
  expect(await found({ fromMs: from, toMs: from + 1 })).toEqual(['order-17 1']);
});

test.each(['last', 'cost', 'tokens', 'runs', 'errors'] as const)(
  'pages by %s hold every conversation once, also where values are equal',
  async (sort) => {
    const project = newProject();
    const all = Array.from({ length: 7 }, (_, at) =>
      run(at + 1, {
        project,
        conversation: `c${at}`,
        cost: BigInt(at % 3),
        errorCount: at % 2,
        tokens: tokens(at % 4, null),
      }),
    );
    await write(...all);
    const seen: string[] = [];
    let after;
    do {
      const page = await store.findConversations(project, { filter: {}, sort, after, limit: 3 });
      seen.push(...page.conversations.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toHaveLength(7);
    expect(seen.toSorted()).toEqual(all.map(({ conversation }) => conversation));
  },
);

test('the runs of a conversation come in order, from behind a place or before it', async () => {
  const project = newProject();
  const own = [1, 2, 3].map((id) => run(id, { project, conversation: 'c' }));
  const child = run(4, { project, conversation: 'c', parentRunId: own[2]!.runId });
  await write(...own, child, run(5, { project, conversation: 'another' }));
  const list = (page: object) => store.listRuns(project, 'c', { limit: 2, ...page });
  expect(await list({})).toEqual([own[0], own[1]]);
  expect(await list({ after: own[1] })).toEqual([own[2], child]);
  expect(await list({ before: own[2] })).toEqual([own[0], own[1]]);
  expect(await list({ after: child })).toEqual([]);
  const last = await store.lastRuns(project, ['c', 'another', 'none']);
  expect(last.map(({ runId }) => runId).toSorted()).toEqual(
    [own[2]!.runId, run(5, {}).runId].toSorted(),
  );
});

test('a conversation over three traces is read turn by turn, page after page, with all that it cost', async () => {
  const analysis = openRunAnalysis(opened);
  const reader = createConversationReader({ conversations: store, runs: analysis.store });
  // Long enough to be kept apart from its span, as every part of it is.
  const said = (role: string, words: string) => ({
    role,
    parts: [{ type: 'text', content: `${words} ${'.'.repeat(2_000)}` }],
  });
  const history: unknown[] = [];
  const traces = ['thread-1', 'thread-2', 'thread-3'];
  for (const [at, trace] of traces.entries()) {
    const input = [...history, said('user', `question ${at}`)];
    const output = [said('assistant', `answer ${at}`)];
    history.push(...input.slice(-1), ...output);
    const place = { startMs: at * 60_000, endMs: at * 60_000 + 100 };
    const root = { ...place, attributes: { 'gen_ai.conversation.id': 'thread' } };
    const spans = [
      agentSpan(`${trace} root`, 'desk', root),
      chatSpan(`${trace} call`, `${trace} root`, {
        ...place,
        attributes: {
          'gen_ai.input.messages': JSON.stringify(input),
          'gen_ai.output.messages': JSON.stringify(output),
        },
      }),
      // The run of another agent that says nothing of the conversation is in it all the same.
      agentSpan(`${trace} sub`, 'helper', { ...place, parent: `${trace} root` }),
      chatSpan(`${trace} sub call`, `${trace} sub`, place),
    ];
    await opened.write([{ body: traceRequest(trace, spans) }]);
  }
  await analysis.analyze(traces);

  const { conversations } = await find('default', { id: 'thread' });
  expect(conversations).toMatchObject([
    { agents: ['desk', 'helper'], runs: 6, traces: 3, modelCalls: 6, tokens: tokens(6_000, 600) },
  ]);
  expect(conversations[0]!.cost).toBe(
    (
      await analysis.store.findRuns('default', {
        filter: { conversation: 'thread' },
        sort: 'start',
        after: undefined,
        limit: 10,
      })
    ).runs.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n),
  );

  const seen: string[] = [];
  let after;
  do {
    const page: Awaited<ReturnType<typeof reader.readThread>> = await reader.readThread(
      'default',
      'thread',
      { after, limit: 2 },
    );
    for (const {
      run: { agent },
      messages,
    } of page!.runs) {
      for (const { role, parts, spanId } of messages) {
        expect(traces.map((trace) => spanIdOf(`${trace} call`))).toContain(spanId);
        seen.push(`${agent} ${role} ${parts.map(({ text }) => text.split(' .')[0]).join()}`);
      }
    }
    after = page!.next;
  } while (after !== undefined);
  expect(seen).toEqual([
    'desk user question 0',
    'desk assistant answer 0',
    'desk user question 1',
    'desk assistant answer 1',
    'desk user question 2',
    'desk assistant answer 2',
  ]);
  const words = await reader.readLastWords('default', ['thread', 'nothing']);
  expect([...words].map(([id, { role, text }]) => [id, role, text.slice(0, 8)])).toEqual([
    ['thread', 'assistant', 'answer 2'],
  ]);
  expect(await reader.readThread('default', 'nothing', { after: undefined, limit: 2 })).toBe(
    undefined,
  );
});
