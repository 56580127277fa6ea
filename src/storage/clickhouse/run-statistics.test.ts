import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runDetailOf } from '../../../test/harness/run-detail.ts';
import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import type { Run } from '../../model/run.ts';
import type { RunStatistics } from '../run-statistics.ts';
import type { RunStore } from '../run-store.ts';
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
