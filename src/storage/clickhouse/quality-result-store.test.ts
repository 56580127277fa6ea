import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import type { QualityResult } from '../../model/quality.ts';
import type { QualityResultStore } from '../quality-result-store.ts';
import { createBlockInserter } from './block-inserter.ts';
import { createQualityResultStore } from './quality-result-store.ts';

let telemetry: TestTelemetryStore;
let store: QualityResultStore;
let project: string;
let projects = 0;
beforeAll(async () => {
  telemetry = await openTelemetryStore();
  const { engine, directory } = telemetry;
  const clock = { now: () => RECEIVED_MS };
  const insert = createBlockInserter({ engine, directory: join(directory, 'blocks'), clock });
  store = createQualityResultStore({ engine, insert, clock });
});
afterAll(() => telemetry.close());
beforeEach(() => {
  projects += 1;
  project = `project-${projects}`;
});

const NS = 1_000_000n;
const DAY_MS = 86_400_000;

function resultOf(rest: Partial<QualityResult> = {}): QualityResult {
  return {
    project,
    traceId: 'a1'.repeat(16),
    runId: 'b1'.repeat(8),
    agent: 'sorter',
    source: 'check',
    name: 'error_free',
    key: '',
    severity: 'HIGH',
    outcome: 'failed',
    score: 0,
    expected: 'a run that ends well',
    actual: 'TimeoutError',
    delta: 0.1,
    message: "It's late — \u{1f6a6}",
    evidence: { spanId: 'c1'.repeat(8), value: 'no answer\nin 5 s' },
    startNs: BigInt(RECEIVED_MS) * NS + 123_456_789n,
    ...rest,
  };
}

const all = async (filter = {}) =>
  (await store.find(project, { filter, after: undefined, limit: 1_000 })).results;

test('a result is answered as it was put, of its project alone', async () => {
  const bare = resultOf({
    name: 'helpful',
    source: 'langfuse',
    key: 'score-1',
    severity: 'LOW',
    outcome: 'scored',
    score: 0.1 + 0.2,
    delta: null,
    evidence: null,
  });
  await store.put([resultOf(), bare]);
  expect(await all()).toEqual([bare, resultOf()]);
  const other = await store.find('another', { filter: {}, after: undefined, limit: 10 });
  expect(other).toEqual({ results: [], more: false });
});

test('putting twice changes nothing, and a changed result takes the place of the old one', async () => {
  await store.put([resultOf(), resultOf({ name: 'no_tool_loop' })]);
  await store.put([resultOf(), resultOf({ name: 'no_tool_loop' })]);
  const rows = await telemetry.engine.query<{ rows: string }>(
    `SELECT count() AS rows FROM quality_results WHERE project = '${project}'`,
  );
  expect(rows).toEqual([{ rows: '2' }]);

  const later = resultOf({
    outcome: 'passed',
    score: 1,
    evidence: null,
    startNs: BigInt(RECEIVED_MS + 1_000) * NS,
  });
  await store.put([later]);
  expect(await all()).toEqual([later, resultOf({ name: 'no_tool_loop' })]);
  await store.put([resultOf()]);
  expect(await all({ name: 'error_free' })).toEqual([resultOf()]);
});

test('what a scope names and is not put again is withdrawn', async () => {
  const scope = { project, traceId: resultOf().traceId, runId: resultOf().runId };
  const judged = resultOf({ source: 'judge', name: 'polite' });
  await store.put([resultOf(), resultOf({ name: 'no_tool_loop' }), judged]);
  await store.put([resultOf()], [{ ...scope, source: 'check' }]);
  expect(await all()).toEqual([judged, resultOf()]);
  await store.put([], [{ ...scope, source: 'judge' }]);
  expect(await all()).toEqual([resultOf()]);
});

test('what is put at once is written together, as if one after the other', async () => {
  const scope = { project, traceId: resultOf().traceId, runId: resultOf().runId };
  const puts = ['a', 'b', 'c'].map((name) =>
    store.put(
      [resultOf({ name }), resultOf({ name: 'both', actual: name })],
      [{ ...scope, source: 'check' }],
    ),
  );
  const other = store.put([resultOf({ source: 'judge', name: 'polite' })]);
  await Promise.all([...puts, other]);
  expect((await all()).map(({ name, actual }) => `${name} ${actual}`)).toEqual([
    'polite TimeoutError',
    'c TimeoutError',
    'both c',
  ]);
});

test('results without a run stand under their agent and key', async () => {
  const pushed = { traceId: '', runId: '', source: 'job' } as const;
  await store.put([
    resultOf({ ...pushed, key: 'job-1' }),
    resultOf({ ...pushed, key: 'job-2' }),
    resultOf({ ...pushed, key: 'job-1', agent: 'other' }),
  ]);
  const again = resultOf({ ...pushed, key: 'job-1', outcome: 'passed', startNs: 1_000n });
  await store.put([again]);
  expect((await all()).map(({ agent, key, outcome }) => [agent, key, outcome])).toEqual([
    ['sorter', 'job-2', 'failed'],
    ['other', 'job-1', 'failed'],
    ['sorter', 'job-1', 'passed'],
  ]);
});

test('pages go on where the last one ended, whatever was taken back', async () => {
  const many = Array.from({ length: 25 }, (_, index) =>
    resultOf({
      traceId: (index + 1).toString(16).padStart(32, '0'),
      name: index % 2 === 0 ? 'error_free' : 'no_tool_loop',
      startNs: BigInt(RECEIVED_MS + Math.floor(index / 5)) * NS,
    }),
  );
  await store.put(many);
  await store.put(many.map((result) => ({ ...result, actual: 'changed' })));
  const seen: QualityResult[] = [];
  let after: QualityResult | undefined;
  for (let more = true; more;) {
    const page = await store.find(project, { filter: {}, after, limit: 4 });
    expect(page.results.length).toBeLessThanOrEqual(4);
    seen.push(...page.results);
    after = page.results.at(-1);
    more = page.more;
  }
  expect(seen).toEqual(many.toReversed().map((result) => ({ ...result, actual: 'changed' })));
});

test('filters and counts agree', async () => {
  const day = (days: number): bigint => BigInt(RECEIVED_MS - days * DAY_MS) * NS;
  const put = [
    resultOf({ traceId: '01'.repeat(16) }),
    resultOf({ traceId: '02'.repeat(16), outcome: 'passed', score: 1, startNs: day(1) }),
    resultOf({ traceId: '03'.repeat(16), agent: 'other', severity: 'LOW', startNs: day(1) }),
    resultOf({ traceId: '04'.repeat(16), source: 'judge', outcome: 'unjudged', score: null }),
    resultOf({ traceId: '05'.repeat(16), source: 'otel', outcome: 'scored', score: 0.5 }),
  ];
  await store.put(put.map((result) => ({ ...result, agent: 'before' })));
  await store.put(put);
  expect(await all({ agent: 'before' })).toEqual([]);
  expect(await all({ agent: 'other' })).toEqual([put[2]]);
  expect(await all({ outcome: 'failed', severity: 'HIGH' })).toEqual([put[0]]);
  expect(await all({ fromMs: RECEIVED_MS, source: 'judge' })).toEqual([put[3]]);
  expect(await all({ toMs: RECEIVED_MS, traceId: '02'.repeat(16) })).toEqual([put[1]]);
  expect(await all({ runId: 'ff'.repeat(8) })).toEqual([]);

  const sums = async () => {
    const rows = await store.count(project, {}, ['agent', 'day']);
    return rows.map((row) => [
      `${row.agent} ${row.day}`,
      [row.passed, row.failed, row.scored, row.unjudged, row.meanScore],
    ]);
  };
  const expected = [
    ['other 2026-11-19', [0, 1, 0, 0, 0]],
    ['sorter 2026-11-19', [1, 0, 0, 0, 1]],
    ['sorter 2026-11-20', [0, 1, 1, 1, 0.25]],
  ];
  expect(await sums()).toEqual(expected);
  const judged = { agent: '', source: '', name: '', severity: '', day: '' };
  expect(await store.count(project, { source: 'judge', fromDay: '2026-11-20' }, [])).toEqual([
    { ...judged, passed: 0, failed: 0, scored: 0, unjudged: 1, meanScore: null },
  ]);
  expect(await store.count(project, { fromDay: '2026-11-21' }, ['name'])).toEqual([]);
  expect(await store.count(project, { toDay: '2026-11-18' }, ['name'])).toEqual([]);
  expect(await store.count(project, { toDay: '2026-11-20' }, ['name'])).toEqual(
    await store.count(project, {}, ['name']),
  );
  expect((await store.count(project, {}, ['severity', 'source', 'name'])).length).toBe(4);

  // Merging takes out what was taken back, and the sums that are kept beside the rows are made anew.
  await telemetry.engine.command('OPTIMIZE TABLE quality_results FINAL');
  expect(await sums()).toEqual(expected);
});

test('sums are read from what is kept of each day, not from the results', async () => {
  await store.put([resultOf()]);
  const plan = await telemetry.engine.query<{ explain: string }>(
    `EXPLAIN SELECT agent, toDate(start) AS day, outcome, sum(sign) FROM quality_results
     WHERE project = '${project}' AND toDate(start) >= toDate('2026-11-01') GROUP BY agent, day, outcome`,
  );
  expect(plan.map(({ explain }) => explain).join('\n')).toContain('ReadFromMergeTree (daily)');
});
