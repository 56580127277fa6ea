import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runDetailOf } from '../../../test/harness/run-detail.ts';
import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import type { Run } from '../../model/run.ts';
import { createRunQuery } from '../../query/create-run-query.ts';
import type { RunField, RunStatistics } from '../run-statistics.ts';
import type { RunFilter, RunSortKey, RunStore } from '../run-store.ts';
import { createRunStatistics } from './run-statistics.ts';
import { createRunStore } from './run-store.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
const DAY = { fromMs: NOON_MS - 12 * HOUR_MS, toMs: NOON_MS + 12 * HOUR_MS };
const NO_CALLS = { gone: [], come: [] };

let opened: TestTelemetryStore;
let directory: string;
let store: RunStore;
let statistics: RunStatistics;
beforeAll(async () => {
  opened = await openTelemetryStore();
  directory = mkdtempSync(join(tmpdir(), 'signalbox-runs-'));
  store = createRunStore({ engine: opened.engine, directory, clock: { now: () => NOON_MS } });
  statistics = createRunStatistics(opened.engine);
});
afterAll(async () => {
  await opened?.close();
  rmSync(directory, { recursive: true });
});

const run = (id: number, rest: Partial<Run> = {}): Run =>
  runDetailOf({
    run: {
      traceId: id.toString(16).padStart(32, '0'),
      runId: id.toString(16).padStart(16, '0'),
      agent: 'helper',
      status: 'ok',
      startNs: BigInt(NOON_MS) * 1_000_000n,
      durationNs: 1_000_000_000n,
      modelCalls: 1,
      toolCalls: 0,
      tokens: { input: 10, output: 5, cacheRead: null, cacheWrite: null, reasoning: null },
      cost: 500_000_000_000n,
      callsUnpriced: 0,
      ...rest,
    },
  }).run;

const sums = {
  runs: 0,
  failed: 0,
  running: 0,
  abandoned: 0,
  modelCalls: 0,
  toolCalls: 0,
  retries: 0,
  inputTokens: null,
  outputTokens: null,
  cacheReadTokens: null,
  cost: 0n,
  callsUnpriced: 0,
};

test('a run that changed counts as it is now, whatever it was before', async () => {
  const before = run(1, { status: 'running', durationNs: null, cost: 100n });
  const other = run(2, { agent: 'other', startNs: BigInt(NOON_MS + HOUR_MS) * 1_000_000n });
  const elsewhere = run(3, { project: 'another' });
  await store.writeChanges(
    { gone: [], come: [before, other, elsewhere].map((value) => ({ value, version: 1 })) },
    NO_CALLS,
  );
  const after = run(1, { status: 'error', durationNs: 2_000_000_000n, toolCalls: 3 });
  await store.writeChanges(
    { gone: [{ value: before, version: 1 }], come: [{ value: after, version: 2 }] },
    NO_CALLS,
  );
  const helper = {
    ...sums,
    runs: 1,
    failed: 1,
    modelCalls: 1,
    toolCalls: 3,
    inputTokens: 10,
    outputTokens: 5,
    cost: 500_000_000_000n,
  };
  const others = { ...helper, failed: 0, toolCalls: 0 };
  const project = before.project;
  expect(await statistics.sumByAgent(project, DAY, 10)).toEqual([
    { agent: 'helper', ...helper },
    { agent: 'other', ...others },
  ]);
  expect(await statistics.sumOverTime(project, DAY, 3600)).toEqual([
    { startMs: NOON_MS, ...helper },
    { startMs: NOON_MS + HOUR_MS, ...others },
  ]);
  const durations = await statistics.countDurations(project, DAY);
  expect(durations.map(({ agent, runs }) => [agent, runs])).toEqual([
    ['helper', 1],
    ['other', 1],
  ]);
  expect(Math.abs(durations[0]!.durationNs / 2e9 - 1)).toBeLessThan(0.011);
  expect(await statistics.sumByAgent(project, { ...DAY, agent: 'nobody' }, 10)).toEqual([]);
});

test('runs are counted by what they name, those that fit, as they are now', async () => {
  const project = 'counted';
  const rows = [
    run(10, { project, models: ['m1', 'm2'], tools: { find: 2 }, user: 'Ada' }),
    run(11, { project, models: ['m1'], agent: 'other', status: 'error', user: 'bob' }),
  ];
  const gone = run(12, { project, models: ['m3'] });
  await store.writeChanges(
    { gone: [], come: [...rows, gone].map((value) => ({ value, version: 1 })) },
    NO_CALLS,
  );
  await store.writeChanges({ gone: [{ value: gone, version: 1 }], come: [] }, NO_CALLS);
  const count = async (field: RunField, filter: RunFilter = {}, part = '') =>
    (await statistics.countValues(project, filter, { field, part, limit: 5 })).map(
      ({ value, count: counted }) => `${value} ${counted}`,
    );
  expect(await count('model')).toEqual(['m1 2', 'm2 1']);
  expect(await count('model', { agent: ['other', 'nobody'] })).toEqual(['m1 1']);
  expect(await count('tool')).toEqual(['find 1']);
  expect(await count('status')).toEqual(['error 1', 'ok 1']);
  expect(await count('user', {}, 'AD')).toEqual(['Ada 1']);
  expect(await count('conversation')).toEqual([]);
  expect(await count('agent', { tool: 'find', model: ['m2'] })).toEqual(['helper 1']);
});

test('runs are found by one of several values and within bounds, in the order of any figure', async () => {
  const project = 'found';
  const rows = [1, 2, 3].map((id) =>
    run(20 + id, {
      project,
      agent: `a${id}`,
      cost: id === 3 ? null : BigInt(id),
      toolCalls: 5 - id,
      errorCount: id % 2,
      tokens: {
        input: id === 1 ? null : id,
        output: null,
        cacheRead: null,
        cacheWrite: null,
        reasoning: null,
      },
    }),
  );
  await store.writeChanges(
    { gone: [], come: rows.map((value) => ({ value, version: 1 })) },
    NO_CALLS,
  );
  const queries = createRunQuery(store);
  const found = async (sort: RunSortKey, filter: RunFilter = {}) => {
    const agents: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await queries.findRuns(project, { filter, sort }, { limit: 1, cursor });
      agents.push(...page.rows.map(({ agent }) => agent));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return agents.join(' ');
  };
  expect(await found('tool_calls')).toBe('a1 a2 a3');
  expect(await found('input_tokens')).toBe('a3 a2 a1');
  expect(await found('errors')).toBe('a3 a1 a2');
  expect(await found('spans', { agent: ['a1', 'a3'] })).toBe('a3 a1');
  expect(await found('cost', { costMin: 1n, costMax: 1n })).toBe('a1');
  expect(await found('cost', { costMax: 9n })).toBe('a2 a1');
});
