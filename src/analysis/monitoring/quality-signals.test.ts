import { expect, test } from 'vitest';

import type { QualityCount } from '../../storage/quality-result-store.ts';
import { createQualitySignals } from './quality-signals.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);

const countOf = (name: string, day: string, passed: number, failed: number): QualityCount => ({
  agent: '',
  source: 'check',
  name,
  severity: '',
  day,
  passed,
  failed,
  scored: 7,
  unjudged: 7,
  meanScore: null,
});

function signalsOf(rows: QualityCount[]) {
  const asked: object[] = [];
  const signals = createQualitySignals({
    results: {
      count: async (_project, filter, groups) => {
        asked.push({ ...filter, groups });
        return rows;
      },
    },
    clock: { now: () => NOON_MS },
    days: 30,
  });
  return { signals, asked };
}

test('sets what each check found since yesterday beside the weeks before', async () => {
  const { signals, asked } = signalsOf([
    countOf('source_cited', '2026-11-20', 2, 10),
    countOf('source_cited', '2026-11-19', 3, 5),
    countOf('source_cited', '2026-11-18', 100, 4),
    countOf('source_cited', '2026-11-01', 90, 6),
    countOf('error_free', '2026-11-20', 1, 1),
  ]);
  expect(await signals.checkHistory('default', 'sorter')).toEqual([
    {
      check: 'source_cited',
      window: { judged: 20, failed: 15 },
      baseline: { judged: 200, failed: 10 },
    },
    { check: 'error_free', window: { judged: 2, failed: 1 }, baseline: { judged: 0, failed: 0 } },
  ]);
  expect(asked).toEqual([
    { agent: 'sorter', fromDay: '2026-10-21', groups: ['source', 'name', 'day'] },
  ]);
});

test.each([
  [[countOf('', '', 9, 1)], true],
  [[countOf('', '', 9, 0)], false],
  [[countOf('', '', 0, 0)], null],
  [[], null],
])('knows of personal data what the check found', async (counts, saw) => {
  const { signals } = signalsOf(counts);
  expect(await signals.sawPersonalData('default', 'sorter')).toBe(saw);
});
