import type { Clock } from '../../base/clock.ts';
import { groupBy } from '../../base/group-by.ts';
import { dayOf } from '../../model/budget.ts';
import type { QualityCount, QualityResultStore } from '../../storage/quality-result-store.ts';
import { qualityWindowStart } from '../anomalies/detect-rates.ts';
import type { CheckCounts, CheckHistory } from '../anomalies/detection-input.ts';

/** What results of quality checks tell of an agent beyond each run. */
export interface QualitySignals {
  /** How its runs did in each check of late and in the weeks before. */
  checkHistory(project: string, agent: string): Promise<readonly CheckHistory[]>;
  /** Whether personal data was found in its output; null when no check looked for it. */
  sawPersonalData(project: string, agent: string): Promise<boolean | null>;
}

interface QualitySignalsOptions {
  readonly results: Pick<QualityResultStore, 'count'>;
  readonly clock: Clock;
  /** How far back results are looked at. */
  readonly days: number;
}

const DAY_MS = 86_400_000;
const PERSONAL_DATA_CHECK = 'no_pii_in_output';

export function createQualitySignals({
  results,
  clock,
  days,
}: QualitySignalsOptions): QualitySignals {
  const firstDay = (): string => dayOf(clock.now() - days * DAY_MS);
  return {
    async checkHistory(project, agent) {
      const filter = { agent, fromDay: firstDay() };
      const rows = await results.count(project, filter, ['source', 'name', 'day']);
      const windowDay = dayOf(qualityWindowStart(clock.now()));
      const byCheck = groupBy(rows, ({ source, name }) => `${source} ${name}`);
      return [...byCheck.values()].map((ofCheck) => ({
        check: ofCheck[0]!.name,
        window: sum(ofCheck.filter(({ day }) => day >= windowDay)),
        baseline: sum(ofCheck.filter(({ day }) => day < windowDay)),
      }));
    },

    async sawPersonalData(project, agent) {
      const filter = { agent, name: PERSONAL_DATA_CHECK, fromDay: firstDay() };
      const { judged, failed } = sum(await results.count(project, filter, []));
      return judged === 0 ? null : failed > 0;
    },
  };
}

/** Scores and what could not be judged are no verdicts. */
function sum(rows: readonly QualityCount[]): CheckCounts {
  return rows.reduce(
    (total, { passed, failed }) => ({
      judged: total.judged + passed + failed,
      failed: total.failed + failed,
    }),
    { judged: 0, failed: 0 },
  );
}
