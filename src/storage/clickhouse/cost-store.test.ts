import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { createCostReports, lastDays } from '../../analysis/costs/cost-reports.ts';
import { formatDollars } from '../../model/money.ts';
import type { CostDimension, CostFilter, CostStore, CostSums } from '../cost-store.ts';
import { createCostStore } from './cost-store.ts';

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2026, 10, 1);

let opened: TestTelemetryStore;
let costs: CostStore;
let project: string;
let projects = 0;

beforeAll(async () => {
  opened = await openTelemetryStore();
  costs = createCostStore(opened.engine);
});
afterAll(async () => {
  await opened?.close();
});
beforeEach(() => {
  project = `project ${++projects}`;
});

interface Row {
  readonly span: number;
  readonly at: number;
  readonly agent?: string;
  readonly model?: string;
  readonly user?: string;
  readonly conversation?: string;
  readonly cost?: string | null;
  readonly source?: string;
  readonly missing?: string;
  readonly input?: number | null;
  readonly output?: number | null;
  readonly estimated?: boolean;
  readonly invalid?: boolean;
  readonly failed?: boolean;
  readonly version?: number;
  readonly sign?: 1 | -1;
}

async function write(rows: readonly Row[]): Promise<void> {
  const value = (content: string | number | null): string =>
    content === null ? 'NULL' : typeof content === 'string' ? `'${content}'` : String(content);
  const tuples = rows.map((row) =>
    [
      project,
      row.span,
      row.agent ?? 'helper',
      row.model ?? 'gpt-4o',
      row.at,
      Number(row.failed ?? false),
      row.input === undefined ? 10 : row.input,
      row.output === undefined ? 1 : row.output,
      Number(row.estimated ?? false),
      Number(row.invalid ?? false),
      row.cost === undefined ? '0.5' : row.cost,
      row.source ?? 'library',
      row.missing ?? '',
      row.conversation ?? '',
      row.user ?? '',
      row.version ?? 1,
      row.sign ?? 1,
    ]
      .map(value)
      .join(', '),
  );
  await opened.engine.command(`INSERT INTO model_calls
    (project, recorded, trace_id, span_id, run_id, agent, origin, operation, provider, model, request_model, start,
      duration_ns, failed, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens,
      estimated, invalid, cost, cost_source, price_version, cost_missing, conversation, user, version, sign)
    SELECT c1, now(), toFixedString(leftPad(toString(c2), 16, '0'), 16), toFixedString(leftPad(toString(c2), 8, '0'), 8),
      toFixedString('', 8), c3, 'span', 'chat', 'openai', c4, c4, fromUnixTimestamp64Milli(c5, 'UTC'), 0, c6, c7, c8, NULL, NULL,
      NULL, c9, c10, toDecimal128(c11, 12), c12, 'v', c13, c14, c15, c16, c17
    FROM VALUES('c1 String, c2 UInt32, c3 String, c4 String, c5 Int64, c6 UInt8, c7 Nullable(UInt64),
      c8 Nullable(UInt64), c9 UInt8, c10 UInt8, c11 Nullable(String), c12 String, c13 String, c14 String, c15 String,
      c16 UInt64, c17 Int8', ${tuples.map((tuple) => `(${tuple})`).join(', ')})`);
}

/** `key: dollars in calls` of each group, in order. */
async function groups(
  by: readonly CostDimension[],
  filter: Partial<CostFilter> = {},
  rest: { timeZone?: string; limit?: number } = {},
): Promise<string[]> {
  const found = await costs.sumCosts(project, {
    filter: { fromMs: FROM, toMs: FROM + 10 * DAY_MS, ...filter },
    by,
    timeZone: rest.timeZone ?? 'UTC',
    limit: rest.limit ?? 100,
  });
  return found.map(
    ({ key, sums }) => `${key.join('/')}: ${formatDollars(sums.cost)} in ${sums.calls}`,
  );
}

describe('sums of costs', () => {
  test('are told apart by what is asked, the dearest first', async () => {
    await write([
      { span: 1, at: FROM, agent: 'a', model: 'm1', user: 'u', conversation: 'c', cost: '0.1' },
      { span: 2, at: FROM, agent: 'b', model: 'm1', cost: '0.3' },
      { span: 3, at: FROM + DAY_MS, agent: 'a', model: 'm2', cost: '0.15' },
      { span: 4, at: FROM - 1, agent: 'a', cost: '9' },
      { span: 5, at: FROM + 10 * DAY_MS, agent: 'a', cost: '9' },
    ]);
    expect(await groups([])).toEqual([': 0.55 in 3']);
    expect(await groups(['agent'])).toEqual(['b: 0.3 in 1', 'a: 0.25 in 2']);
    expect(await groups(['model', 'agent'])).toEqual([
      'm1/b: 0.3 in 1',
      'm2/a: 0.15 in 1',
      'm1/a: 0.1 in 1',
    ]);
    expect(await groups(['day'])).toEqual(['2026-11-01: 0.4 in 2', '2026-11-02: 0.15 in 1']);
    expect(await groups(['user'], { agent: 'a' })).toEqual([': 0.15 in 1', 'u: 0.1 in 1']);
    expect(await groups(['conversation'], { conversation: 'c' })).toEqual(['c: 0.1 in 1']);
    expect(await groups(['agent'], { model: 'm1' }, { limit: 1 })).toEqual(['b: 0.3 in 1']);
  });

  test('are of all calls where the range ends later than the engine knows days', async () => {
    await write([
      { span: 1, at: FROM, cost: '1' },
      { span: 2, at: FROM + 3 * DAY_MS + 1, cost: '2' },
    ]);
    for (const toMs of [Date.UTC(2149, 5, 6), Date.UTC(2149, 5, 8), 99_999_999_999_999]) {
      expect(await groups(['agent'], { fromMs: 0, toMs })).toEqual(['helper: 3 in 2']);
    }
  });

  test('have days of the time zone asked for', async () => {
    await write([{ span: 1, at: FROM + DAY_MS - 60_000, cost: '1' }]);
    expect(await groups(['day'])).toEqual(['2026-11-01: 1 in 1']);
    expect(await groups(['day'], {}, { timeZone: 'Europe/Berlin' })).toEqual([
      '2026-11-02: 1 in 1',
    ]);
  });

  test.each([
    // Zone, a time in it, and what is special in the seven days before.
    ['Asia/Kolkata', '2026-11-20T20:00:00Z', 'half an hour'],
    ['Asia/Kathmandu', '2026-11-20T18:10:00Z', 'a quarter of an hour'],
    ['Pacific/Kiritimati', '2026-11-20T09:59:00Z', 'fourteen hours ahead'],
    ['Europe/Berlin', '2026-03-31T12:00:00Z', 'a day of 23 hours'],
    ['Europe/Berlin', '2026-10-27T12:00:00Z', 'a day of 25 hours'],
    ['America/St_Johns', '2026-11-04T12:00:00Z', 'half an hour, and clocks set back'],
    ['Australia/Lord_Howe', '2026-04-07T12:00:00Z', 'clocks set back by half an hour'],
    ['America/Havana', '2026-03-11T12:00:00Z', 'a day without a midnight'],
    ['America/Havana', '2026-03-14T12:00:00Z', 'that begins with it'],
    ['America/Havana', '2026-11-07T12:00:00Z', 'two midnights, at its beginning'],
    ['America/Havana', '2026-11-04T12:00:00Z', 'two midnights'],
  ])('are of the days of %s at %s: %s', async (timeZone, now) => {
    const nowMs = Date.parse(now);
    const quarter = 900_000;
    const at = Array.from({ length: 11 * 96 }, (_, span) => nowMs + (span - 9 * 96) * quarter);
    await write(at.map((atMs, span) => ({ span, at: atMs, cost: '1' })));
    const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
    const counted = new Map<string, number>();
    for (const atMs of at) {
      const day = dayOf.format(atMs);
      counted.set(day, (counted.get(day) ?? 0) + 1);
    }
    const period = lastDays(7, { now: () => nowMs }, timeZone);
    const reports = createCostReports({ costs, agents: { listStandings: async () => [] } });
    const { rows } = await reports.sumBy(project, 'day', { filter: period, timeZone, limit: 100 });
    const days = [...counted].filter(([day]) => day <= dayOf.format(nowMs)).slice(-7);
    expect(rows.map(({ name, sums }) => [name, sums.calls])).toEqual(days);
  });

  test('leave out what was taken back, and count each call once', async () => {
    const first: Row = { span: 1, at: FROM, cost: '0.2', input: 7 };
    await write([first]);
    await write([
      { ...first, sign: -1 },
      { ...first, cost: '0.25', input: null, output: null, version: 2 },
      { span: 2, at: FROM, agent: 'gone' },
    ]);
    await write([{ span: 2, at: FROM, agent: 'gone', sign: -1 }]);
    expect(await groups(['agent'])).toEqual(['helper: 0.25 in 1']);
    const [all] = await costs.sumCosts(project, {
      filter: { fromMs: FROM, toMs: FROM + DAY_MS },
      by: [],
      timeZone: 'UTC',
      limit: 1,
    });
    expect(all!.sums.tokens.input).toBeNull();
  });

  test('say what is not known apart from what is', async () => {
    await write([
      { span: 1, at: FROM, cost: '0.000000000001' },
      { span: 2, at: FROM, cost: '1', source: 'reported' },
      { span: 3, at: FROM, cost: '2', estimated: true },
      { span: 4, at: FROM, cost: null, source: '', missing: 'unknown_model', input: 5 },
      { span: 5, at: FROM, cost: null, source: '', missing: 'unknown_tier' },
      {
        span: 6,
        at: FROM,
        cost: null,
        source: '',
        missing: 'no_tokens',
        input: null,
        output: null,
      },
      {
        span: 7,
        at: FROM,
        cost: null,
        source: '',
        missing: 'no_tokens',
        input: null,
        output: null,
        failed: true,
      },
      {
        span: 8,
        at: FROM,
        cost: null,
        source: '',
        missing: 'tokens_invalid',
        invalid: true,
        input: null,
        output: null,
      },
      { span: 9, at: FROM, cost: null, source: '', missing: 'no_model' },
      { span: 10, at: FROM, cost: null, source: '', missing: 'no_tokens', output: null },
    ]);
    const [all] = await costs.sumCosts(project, {
      filter: { fromMs: FROM, toMs: FROM + DAY_MS },
      by: [],
      timeZone: 'UTC',
      limit: 1,
    });
    expect(all).toEqual({
      key: [],
      sums: {
        cost: 3_000_000_000_001n,
        reportedCost: 1_000_000_000_000n,
        estimatedCost: 2_000_000_000_000n,
        calls: 10,
        pricedCalls: 3,
        failedCalls: 1,
        unpricedCalls: 4,
        callsWithoutTokens: 1,
        invalidCalls: 1,
        estimatedCalls: 1,
        tokens: { input: 65, output: 6, cacheRead: null, cacheWrite: null, reasoning: null },
      },
    });
  });

  test('are of one project, and none of none', async () => {
    await write([{ span: 1, at: FROM }]);
    project = 'another';
    expect(await groups([])).toEqual([]);
    expect(await groups(['agent'], { agent: "o'b\\" })).toEqual([]);
  });
});

test('models without a price are listed with what they were used for', async () => {
  const unknown = { cost: null, source: '', missing: 'unknown_model' };
  await write([
    { span: 1, at: FROM + 5, model: 'ours', agent: 'b', ...unknown },
    { span: 2, at: FROM + 1, model: 'ours', agent: 'a', output: null, ...unknown },
    { span: 3, at: FROM + 9, model: 'theirs', ...unknown, missing: 'unknown_tier' },
    { span: 4, at: FROM, model: 'gone', ...unknown },
    { span: 4, at: FROM, model: 'gone', ...unknown, sign: -1 },
    { span: 5, at: FROM, model: 'known' },
  ]);
  const tokens = { cacheRead: null, cacheWrite: null, reasoning: null };
  expect(await costs.listUnpriced(project, { fromMs: FROM, toMs: FROM + DAY_MS }, 10)).toEqual([
    {
      provider: 'openai',
      model: 'ours',
      missing: 'unknown_model',
      calls: 2,
      tokens: { ...tokens, input: 20, output: 1 },
      firstMs: FROM + 1,
      lastMs: FROM + 5,
      agents: ['a', 'b'],
    },
    {
      provider: 'openai',
      model: 'theirs',
      missing: 'unknown_tier',
      calls: 1,
      tokens: { ...tokens, input: 10, output: 1 },
      firstMs: FROM + 9,
      lastMs: FROM + 9,
      agents: ['helper'],
    },
  ]);
});

describe('sums of whole days', () => {
  const HOUR_MS = 3_600_000;
  const rows = Array.from({ length: 60 }, (_, span): Row => ({
    span,
    at: FROM + span * 5 * HOUR_MS,
    agent: span % 3 === 0 ? 'a' : 'b',
    model: span % 2 === 0 ? 'm1' : 'm2',
    user: `u${span % 4}`,
    cost: span % 7 === 0 ? null : `0.0${(span % 9) + 1}`,
    missing: span % 7 === 0 ? 'unknown_model' : '',
    failed: span % 5 === 0,
    input: span % 6 === 0 ? null : span,
  }));

  test('are those of the calls one by one, wherever a range begins and ends', async () => {
    await write(rows);
    // What was taken back and came again, some before and some after the engine merged.
    const changed = rows.filter(({ span }) => span % 10 === 0);
    await write(
      changed.flatMap((row) => [
        { ...row, sign: -1 },
        { ...row, cost: '9', version: 2 },
      ]),
    );
    /** Users are no part of the sums of days. */
    const totals = async (by: readonly CostDimension[], filter: CostFilter): Promise<number[]> => {
      const found = await costs.sumCosts(project, { filter, by, timeZone: 'UTC', limit: 1_000 });
      const sum = (of: (sums: CostSums) => number): number =>
        found.reduce((total, { sums }) => total + of(sums), 0);
      return [
        sum(({ calls }) => calls),
        sum(({ cost }) => Number(cost)),
        sum(({ tokens }) => tokens.input ?? 0),
        sum(({ unpricedCalls }) => unpricedCalls),
      ];
    };
    for (const merged of [false, true]) {
      if (merged) await opened.engine.command('OPTIMIZE TABLE model_calls FINAL');
      for (const [from, to] of [
        [0, 12 * 24],
        [7, 200],
        [24, 25],
        [23, 24],
        [30, 40],
        [0, 24.0001],
      ] as const) {
        const filter = { fromMs: FROM + from * HOUR_MS, toMs: FROM + to * HOUR_MS };
        expect(await totals(['agent', 'model', 'day'], filter)).toEqual(
          await totals(['user'], filter),
        );
      }
    }
  });

  test('are read from the sums, not from the calls', async () => {
    await write(rows);
    const plans = await opened.engine.query<{ explain: string }>(
      `EXPLAIN SELECT agent, sum(sign) FROM model_calls
       WHERE project = '${project}' AND toDate(start) >= toDate('2026-11-01') GROUP BY agent`,
    );
    expect(plans.map(({ explain }) => explain).join('\n')).toContain('daily');
  });
});
