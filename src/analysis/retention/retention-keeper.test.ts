import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { openQuality, type TestQuality } from '../../../test/harness/quality.ts';
import { SYSTEM_ACTOR } from '../../storage/audit-log.ts';
import { createRetentionStore } from '../../storage/clickhouse/retention-store.ts';
import type { RetentionStore, StoredSpell } from '../../storage/retention-store.ts';
import { GRACE_MS, openRetentionKeeper, type RetentionKeeper } from './retention-keeper.ts';
import { isDue, retentionTerms, valuesCutoff, type RetentionTerms } from './retention-terms.ts';

const DAY_MS = 86_400_000;
/** 2026-11-20 12:00 UTC. */
const NOON_MS = Date.UTC(2026, 10, 20, 12);
const USUAL = retentionTerms.parse({});

let stores: TestQuality;
let store: RetentionStore;
let keeper: RetentionKeeper;
beforeAll(async () => {
  stores = await openQuality();
  store = createRetentionStore(stores.telemetry.engine);
});
afterAll(() => stores.close());
beforeEach(async () => {
  stores.clock.nowMs = NOON_MS;
  for (const spell of await store.list()) await store.remove(spell);
  await stores.telemetry.engine.command('TRUNCATE TABLE payloads');
  keeper = await openKeeper();
  await keeper.set(USUAL, SYSTEM_ACTOR);
});

const openKeeper = () =>
  openRetentionKeeper({
    store,
    settings: stores.control.settings,
    auditLog: stores.control.auditLog,
    usual: USUAL,
    project: 'default',
    clock: stores.clock,
  });

const text = (value: string) => ({ stringValue: value });

/** A span with a large value, and a log record, of a service, received so many days ago. */
async function receive(daysAgo: number, service = 'billing'): Promise<void> {
  const atMs = NOON_MS - daysAgo * DAY_MS;
  const id = String(daysAgo).padStart(16, 'a');
  const resource = { attributes: [{ key: 'service.name', value: text(service) }] };
  const span = {
    traceId: id.repeat(2),
    spanId: id,
    name: `run ${daysAgo}`,
    startTimeUnixNano: String(BigInt(atMs) * 1_000_000n),
    endTimeUnixNano: String(BigInt(atMs + 1) * 1_000_000n),
    attributes: [{ key: 'gen_ai.input.messages', value: text(`${daysAgo} `.repeat(9_000)) }],
  };
  const record = { timeUnixNano: span.startTimeUnixNano, body: text(`day ${daysAgo}`) };
  await stores.telemetry.write(
    [
      { body: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] } },
      {
        signal: 'logs',
        body: { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] },
      },
    ],
    atMs,
  );
}

const terms = (rest: Partial<RetentionTerms>): RetentionTerms => retentionTerms.parse(rest);

async function after(set: Partial<RetentionTerms>, waitMs = GRACE_MS): Promise<void> {
  await keeper.set(terms(set), SYSTEM_ACTOR);
  stores.clock.nowMs += waitMs;
  await keeper.pass();
}

async function left() {
  const { engine } = stores.telemetry;
  const count = async (of: string) =>
    (
      await engine.query<{
        day: string;
      }>(`SELECT DISTINCT toString(toDate(received)) AS day FROM ${of}
      ORDER BY day`)
    ).map(({ day }) => day.slice(5));
  return {
    spans: await count('spans'),
    logs: await count('log_records'),
    values: await count('payloads'),
  };
}

describe('what came', () => {
  test('stays for good unless terms are set', async () => {
    await receive(0);
    await receive(400);
    stores.clock.nowMs += DAY_MS;
    await keeper.pass();
    expect((await left()).spans).toEqual(['10-16', '11-20']);
    expect((await keeper.stored()).map(({ kind, rows, due }) => [kind, rows, due])).toEqual([
      ['spans', 1, false],
      ['spans', 1, false],
      ['log_records', 1, false],
      ['log_records', 1, false],
    ]);
  });

  test('is removed by whole days once all of the day is older, each kind by its own terms', async () => {
    for (const daysAgo of [0, 6, 7, 8, 20]) await receive(daysAgo);
    await after({ spans_days: 7, log_records_days: 14 });
    expect(await left()).toEqual({
      // The day of seven days ago ended six and a half days ago.
      spans: ['11-13', '11-14', '11-20'],
      logs: ['11-12', '11-13', '11-14', '11-20'],
      // A log record may still have what came within its fourteen days.
      values: ['11-12', '11-13', '11-14', '11-20'],
    });
    const [entry] = await stores.control.auditLog.find(
      'default',
      { targetKind: 'retention', targetId: 'spans' },
      { limit: 1 },
    );
    expect(entry).toMatchObject({
      actor: SYSTEM_ACTOR,
      action: 'retention.removed',
      detail: { from: '2026-10-31', to: '2026-11-12', rows: 2, bytes: expect.any(Number) },
    });
  });

  test('is not removed within an hour of a change, so that a slip can be taken back', async () => {
    await receive(9);
    await after({ spans_days: 1 }, GRACE_MS - 1);
    expect((await left()).spans).toEqual(['11-11']);
    expect(keeper.inForceFromMs()).toBe(NOON_MS + GRACE_MS);
    expect((await keeper.stored())[0]).toMatchObject({ kind: 'spans', due: true });
    stores.clock.nowMs += 1;
    await keeper.pass();
    expect((await left()).spans).toEqual([]);
  });

  test('stays while it is on hold, its large values too', async () => {
    for (const daysAgo of [10, 12, 14]) await receive(daysAgo);
    const holds = [{ from: '2026-11-08', to: '2026-11-08', reason: 'case 4711' }];
    await after({ spans_days: 7, log_records_days: 7, holds });
    expect(await left()).toEqual({
      spans: ['11-08'],
      logs: ['11-08'],
      // From the hold on, values stay: which of them it needs is not known without reading it.
      values: ['11-08', '11-10'],
    });
    await after({ spans_days: 7, log_records_days: 7 });
    expect(await left()).toEqual({ spans: [], logs: [], values: [] });
  });

  test('goes by the terms also after a restart', async () => {
    await receive(9);
    await keeper.set(terms({ spans_days: 2 }), SYSTEM_ACTOR);
    const again = await openRetentionKeeper({
      store,
      settings: stores.control.settings,
      auditLog: stores.control.auditLog,
      usual: USUAL,
      project: 'default',
      clock: stores.clock,
    });
    expect(again.terms()).toEqual(terms({ spans_days: 2 }));
    stores.clock.nowMs += GRACE_MS;
    await again.pass();
    expect(await left()).toMatchObject({ spans: [], logs: ['11-11'] });
  });
});

describe('a resource', () => {
  const services = async () =>
    (
      await stores.telemetry.engine.query<{ name: string }>(
        "SELECT DISTINCT attributes['service.name'] AS name FROM resources ORDER BY name",
      )
    ).map(({ name }) => name);
  const gauge = (daysAgo: number, service: string) => ({
    signal: 'metrics' as const,
    body: {
      resourceMetrics: [
        {
          resource: { attributes: [{ key: 'service.name', value: text(service) }] },
          scopeMetrics: [
            { metrics: [{ name: 'up', gauge: { dataPoints: [{ asInt: String(daysAgo) }] } }] },
          ],
        },
      ],
    },
  });

  test('is removed with the last that is of it, and comes again with what is', async () => {
    await stores.telemetry.engine.command('TRUNCATE TABLE resources');
    for (const daysAgo of [0, 20]) await receive(daysAgo, 'still here');
    await receive(20, 'measured still');
    await stores.telemetry.write([gauge(20, 'measured still')], NOON_MS - 20 * DAY_MS);
    await receive(20, 'on hold');
    await receive(12, 'gone');
    // A service that goes, and its resource of the last day, are not known apart from one whose spans are under way.
    await receive(1, 'just gone');
    const holds = [{ from: '2026-10-31', to: '2026-10-31', reason: 'case 4711' }];
    await after({ spans_days: 1, log_records_days: 1, holds });
    expect(await services()).toEqual(['just gone', 'measured still', 'on hold', 'still here']);
    await after({ spans_days: 1, log_records_days: 1, metrics_days: 1 });
    expect(await services()).toEqual(['just gone', 'still here']);
    await receive(0, 'gone');
    await after({ spans_days: 1, log_records_days: 1, metrics_days: 1 }, 5 * DAY_MS);
    expect(await services()).toEqual([]);
  });

  test('stays for an hour after a start, since what waited over the stop comes after it', async () => {
    await stores.telemetry.engine.command('TRUNCATE TABLE resources');
    await keeper.set(terms({ spans_days: 1, log_records_days: 1 }), SYSTEM_ACTOR);
    await receive(12, 'under way');
    stores.clock.nowMs += GRACE_MS;
    const restarted = await openKeeper();
    await restarted.pass();
    expect((await left()).spans).toEqual([]);
    expect(await services()).toEqual(['under way']);
    stores.clock.nowMs += GRACE_MS;
    await restarted.pass();
    expect(await services()).toEqual([]);
  });
});

describe('terms', () => {
  const month: StoredSpell = {
    kind: 'runs',
    id: 'runs 202609',
    fromMs: Date.UTC(2026, 8),
    toMs: Date.UTC(2026, 9),
    rows: 1,
    bytes: 1,
  };

  test('of runs are for whole months, and no shorter than budgets need', () => {
    expect(isDue(month, terms({ runs_days: 51 }), NOON_MS)).toBe(false);
    expect(isDue(month, terms({ runs_days: 50 }), NOON_MS)).toBe(true);
    expect(isDue(month, terms({ spans_days: 1 }), NOON_MS)).toBe(false);
    const held = { runs_days: 50, holds: [{ from: '2026-09-30', to: null, reason: 'audit' }] };
    expect(isDue(month, terms(held), NOON_MS)).toBe(false);
    expect(retentionTerms.safeParse({ runs_days: 30 }).success).toBe(false);
  });

  test('let values go only when spans and log records may', () => {
    expect(valuesCutoff(terms({ spans_days: 7 }), NOON_MS)).toBeUndefined();
    expect(valuesCutoff(terms({ spans_days: 7, log_records_days: 9 }), NOON_MS)).toBe(
      Date.UTC(2026, 10, 11),
    );
  });

  test('refuse a hold without a reason, or the wrong way round', () => {
    const from = '2026-11-08';
    expect(retentionTerms.safeParse({ holds: [{ from, to: null, reason: ' ' }] }).success).toBe(
      false,
    );
    const before = { from, to: '2026-11-07', reason: 'x' };
    expect(retentionTerms.safeParse({ holds: [before] }).success).toBe(false);
  });
});

test('only spells of ours are removed', async () => {
  const other: StoredSpell = {
    kind: 'spans',
    id: 'payloads all',
    fromMs: 0,
    toMs: 0,
    rows: 0,
    bytes: 0,
  };
  await expect(store.remove(other)).rejects.toThrow('not a spell of stored rows');
});
