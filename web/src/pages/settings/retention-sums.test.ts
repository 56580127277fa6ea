import { expect, it } from 'vitest';
import { sumKind, wouldGo } from './retention-sums.ts';

const spell = (kind: 'spans' | 'runs', from: string, to: string, rows: number) => ({
  kind,
  from,
  to,
  rows,
  bytes: rows * 10,
  due: false,
});

const STORED = [
  spell('spans', '2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z', 3),
  spell('spans', '2026-11-10T00:00:00.000Z', '2026-11-11T00:00:00.000Z', 5),
  spell('runs', '2026-09-01T00:00:00.000Z', '2026-10-01T00:00:00.000Z', 7),
];
const NOON_MS = Date.UTC(2026, 10, 20, 12);
const KEPT = { spans_days: null, log_records_days: null, metrics_days: null, runs_days: null };

it('says what terms would remove, and what a hold keeps', () => {
  const go = (rest: object, holds: readonly { from: string; to: null; reason: string }[] = []) =>
    wouldGo(STORED, { ...KEPT, holds: [...holds], ...rest }, NOON_MS).rows;
  expect([
    go({}),
    go({ spans_days: 9 }),
    go({ spans_days: 10 }),
    go({ spans_days: 9, runs_days: 50 }),
    go({ spans_days: 9 }, [{ from: '2026-11-05', to: null, reason: 'x' }]),
    go({ spans_days: 9 }, [{ from: '', to: null, reason: '' }]),
  ]).toEqual([0, 8, 3, 15, 3, 8]);
});

it('sums up what is stored of a kind', () => {
  expect(sumKind(STORED, 'spans')).toMatchObject({
    rows: 8,
    bytes: 80,
    oldest: '2026-11-01T00:00:00.000Z',
  });
  expect(sumKind(STORED, 'metrics')).toMatchObject({ rows: 0, oldest: undefined });
});
