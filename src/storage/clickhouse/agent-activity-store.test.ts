import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  openTelemetryStore,
  type TestTelemetryStore,
} from '../../../test/harness/telemetry-store.ts';
import type { AgentActivityStore } from '../agent-activity-store.ts';
import { createAgentActivityStore } from './agent-activity-store.ts';
import { bytes, sql } from './sql.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
let telemetry: TestTelemetryStore;
let activity: AgentActivityStore;

beforeAll(async () => {
  telemetry = await openTelemetryStore();
  activity = createAgentActivityStore(telemetry.engine);
});
afterAll(() => telemetry.close());

let ids = 0;
const idOf = (length: number): string => (ids += 1).toString(16).padStart(length, '0');
const start = (ms: number) => sql`fromUnixTimestamp64Milli(${BigInt(ms)}, 'UTC')`;

interface StoredRun {
  readonly agent: string;
  readonly startMs: number;
  readonly traceId?: string;
  readonly status?: string;
  readonly cost?: string | null;
  readonly unpriced?: number;
  readonly version?: number;
  readonly sign?: number;
}

async function storeRun(run: StoredRun): Promise<{ traceId: string; runId: string }> {
  const { agent, startMs, traceId = idOf(32), status = 'ok', unpriced = 0 } = run;
  const runId = traceId.slice(16);
  const cost = run.cost === undefined || run.cost === null ? sql`NULL` : sql`${run.cost}`;
  await telemetry.engine.command(
    sql`INSERT INTO runs (project, recorded, trace_id, run_id, agent, agent_version, status, start, duration_ns,
        input_tokens, output_tokens, calls_unpriced, cost, loop_length, models, tools, version, sign)
      SELECT 'default', now(), ${bytes(traceId)}, ${bytes(runId)}, ${agent}, 'v1', ${status}, ${start(startMs)},
        if(${status} = 'running', NULL, 1500000000), 100, NULL, ${unpriced}, ${cost}, 2, ['m1'], map('search', 3),
        ${run.version ?? 1}, ${run.sign ?? 1}`.text,
  );
  return { traceId, runId };
}

test('lists the runs that are over, as they stand, newest first and not too many', async () => {
  const old = { agent: 'sorter', startMs: NOON_MS - 3_000 };
  const { traceId, runId } = await storeRun({ ...old, status: 'running' });
  await storeRun({ ...old, traceId, status: 'running', sign: -1 });
  await storeRun({ ...old, traceId, status: 'error', cost: '0.25', version: 2 });
  await storeRun({ agent: 'sorter', startMs: NOON_MS - 2_000, status: 'running' });
  const newer = await storeRun({
    agent: 'sorter',
    startMs: NOON_MS - 1_000,
    cost: '1',
    unpriced: 1,
  });
  await storeRun({ agent: 'sorter', startMs: NOON_MS });
  const other = await storeRun({ agent: "o'ther", startMs: NOON_MS - 500 });
  const sample = {
    version: 'v1',
    failed: false,
    durationS: 1.5,
    cost: null,
    tokens: 100,
    loopLength: 2,
    models: ['m1'],
    tools: { search: 3 },
  };
  const query = { fromMs: NOON_MS - 10_000, toMs: NOON_MS, perAgent: 2 };
  expect(await activity.listRuns('default', ['sorter', "o'ther", 'nobody'], query)).toEqual(
    new Map([
      ["o'ther", [{ ...other, ...sample, startMs: NOON_MS - 500 }]],
      [
        'sorter',
        [
          { ...newer, ...sample, startMs: NOON_MS - 1_000 },
          { traceId, runId, ...sample, startMs: NOON_MS - 3_000, failed: true, cost: 0.25 },
        ],
      ],
    ]),
  );
  const one = await activity.listRuns('default', ['sorter'], { ...query, perAgent: 1 });
  expect(one.get('sorter')).toHaveLength(1);
  expect(await activity.listRuns('another', ['sorter'], query)).toEqual(new Map());
  expect(await activity.listRuns('default', [], query)).toEqual(new Map());
});

test('counts runs and their cost by the 24 hours before a moment', async () => {
  for (const hours of [1, 24, 25, 71]) {
    await storeRun({ agent: 'daily', startMs: NOON_MS - hours * HOUR_MS, cost: '0.5' });
  }
  await storeRun({ agent: 'daily', startMs: NOON_MS - 80 * HOUR_MS });
  expect(
    await activity.listDays('default', ['daily', 'nobody'], { toMs: NOON_MS, days: 3 }),
  ).toEqual(
    new Map([
      [
        'daily',
        [
          { runs: 2, cost: 1, dearest: 0.5 },
          { runs: 1, cost: 0.5, dearest: 0.5 },
          { runs: 1, cost: 0.5, dearest: 0.5 },
        ],
      ],
    ]),
  );
});

test('sums what calls cost by project, agent and day, to the last digit', async () => {
  const call = (agent: string, ms: number, cost: string | null, rest: { sign?: number } = {}) =>
    telemetry.engine.command(
      sql`INSERT INTO model_calls (project, recorded, trace_id, span_id, agent, start, input_tokens, cost, cost_missing, version, sign)
        SELECT 'spend', now(), ${bytes(idOf(32))}, ${bytes(idOf(16))}, ${agent}, ${start(ms)}, 1,
          ${cost === null ? sql`NULL` : sql`${cost}`}, ${cost === null ? 'unknown_model' : ''}, 1, ${rest.sign ?? 1}`
        .text,
    );
  await call('a', NOON_MS, '0.000000000001');
  await call('a', NOON_MS, '12.5');
  await call('a', NOON_MS, '2.5', { sign: -1 });
  await call('a', NOON_MS - 24 * HOUR_MS, '1');
  await call('', NOON_MS, null);
  await call('a', NOON_MS - 240 * HOUR_MS, '1');
  const spend = await activity.sumSpend({ fromMs: NOON_MS - 48 * HOUR_MS, toMs: NOON_MS + 1 });
  expect(spend.filter(({ project }) => project === 'spend')).toEqual([
    { project: 'spend', agent: '', day: '2026-11-20', cost: 0n, unpricedCalls: 1 },
    { project: 'spend', agent: 'a', day: '2026-11-19', cost: 10n ** 12n, unpricedCalls: 0 },
    { project: 'spend', agent: 'a', day: '2026-11-20', cost: 10n ** 13n + 1n, unpricedCalls: 0 },
  ]);
});
