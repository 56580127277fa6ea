import type { Clock } from '../../base/clock.ts';
import type { Severity } from '../../model/quality.ts';
import { SEVERITIES } from '../../model/quality.ts';
import type {
  QualityCount,
  QualityFilter,
  QualityResultStore,
} from '../../storage/quality-result-store.ts';
import type { DayRate, Trend } from './trend.ts';
import { dayOf, daysBefore, rateOf, TREND_DAYS, trendOf } from './trend.ts';

/** Passed, failed and the rest, with the share that passed of those that passed or failed. */
export interface QualityTotals {
  readonly passed: number;
  readonly failed: number;
  readonly scored: number;
  readonly unjudged: number;
  /** Null where nothing passed or failed. */
  readonly passRate: number | null;
}

export interface AgentQuality extends QualityTotals {
  readonly agent: string;
  readonly trend: Trend;
  /** Of what failed; null when nothing did. */
  readonly worstSeverity: Severity | null;
}

export interface CheckQuality extends QualityTotals {
  readonly source: QualityCount['source'];
  readonly name: string;
  /** Of the scores that came with results. */
  readonly meanScore: number | null;
}

export interface QualitySummary extends QualityTotals {
  readonly days: number;
  readonly trend: Trend;
  readonly daily: readonly (DayRate & { readonly passRate: number | null })[];
  /** Those with most failures first. */
  readonly agents: readonly AgentQuality[];
  readonly checks: readonly CheckQuality[];
}

export interface TrendRow extends Trend {
  readonly agent: string;
  readonly name: string;
  readonly daily: readonly DayRate[];
}

export interface HeatmapCell extends QualityTotals {
  readonly day: string;
  readonly worstSeverity: Severity | null;
}

export interface Heatmap {
  /** Each day of the period, oldest first. */
  readonly days: readonly string[];
  readonly agents: readonly {
    readonly agent: string;
    /** One for each day, in their order; null for a day without results. */
    readonly cells: readonly (HeatmapCell | null)[];
  }[];
}

/** Sums over stored results; days are those of UTC, and the last one is today. */
export interface QualityReports {
  summary(project: string, days: number, agent?: string): Promise<QualitySummary>;
  /** Over thirty days, per agent and check. */
  trends(project: string, filter: Pick<QualityFilter, 'agent' | 'name'>): Promise<TrendRow[]>;
  heatmap(project: string, days: number): Promise<Heatmap>;
}

export function createQualityReports(options: {
  readonly results: Pick<QualityResultStore, 'count'>;
  readonly clock: Clock;
}): QualityReports {
  const { results, clock } = options;
  const today = (): string => dayOf(clock.now());
  const since = (days: number): string => daysBefore(today(), days - 1);
  /** Up to today: senders' clocks may be years ahead, and what they say then is of no period that ends now. */
  const last = (days: number) => ({ fromDay: since(days), toDay: today() });

  return {
    async summary(project, days, agent) {
      const filter = { ...last(days), agent };
      const [byAgent, byCheck, byDay] = await Promise.all([
        results.count(project, filter, ['agent', 'severity']),
        results.count(project, filter, ['source', 'name']),
        results.count(project, { ...last(Math.max(days, TREND_DAYS)), agent }, ['agent', 'day']),
      ]);
      const lately = byDay.filter(({ day }) => day >= since(TREND_DAYS));
      const inPeriod = mergeDays(byDay.filter(({ day }) => day >= since(days)));
      return {
        days,
        ...totalsOf(byAgent),
        trend: trendOf(mergeDays(lately), today()),
        daily: inPeriod.map((day) => ({ ...day, passRate: rateOf([day]) })),
        agents: agentsOf(byAgent, lately, today()),
        checks: byCheck.map((row) => ({
          source: row.source,
          name: row.name,
          ...totalsOf([row]),
          meanScore: row.meanScore,
        })),
      };
    },

    async trends(project, filter) {
      const rows = await results.count(project, { ...filter, ...last(TREND_DAYS) }, [
        'agent',
        'name',
        'day',
      ]);
      return [...groupBy(rows, ({ agent, name }) => JSON.stringify([agent, name])).values()]
        .map((own) => {
          const daily = mergeDays(own);
          const { agent, name } = own[0]!;
          return { agent, name, ...trendOf(daily, today()), daily };
        })
        .filter(({ rate }) => rate !== null);
    },

    async heatmap(project, count) {
      const rows = await results.count(project, last(count), ['agent', 'day', 'severity']);
      const days = Array.from({ length: count }, (_, index) =>
        daysBefore(today(), count - 1 - index),
      );
      return heatmapOf(days, rows);
    },
  };
}

function heatmapOf(days: readonly string[], rows: readonly QualityCount[]): Heatmap {
  const agents = [...groupBy(rows, ({ agent }) => agent)].map(([agent, own]) => {
    const byDay = groupBy(own, ({ day }) => day);
    const cells = days.map((day) => {
      const cell = byDay.get(day);
      return cell === undefined ? null : { day, ...totalsOf(cell), worstSeverity: worstOf(cell) };
    });
    return { agent, cells };
  });
  return { days, agents };
}

function agentsOf(
  byAgent: readonly QualityCount[],
  byDay: readonly QualityCount[],
  today: string,
): AgentQuality[] {
  const daysByAgent = groupBy(byDay, ({ agent }) => agent);
  return [...groupBy(byAgent, ({ agent }) => agent)]
    .map(([agent, own]) => ({
      agent,
      ...totalsOf(own),
      trend: trendOf(mergeDays(daysByAgent.get(agent) ?? []), today),
      worstSeverity: worstOf(own),
    }))
    .sort((one, other) => other.failed - one.failed || (one.agent < other.agent ? -1 : 1));
}

function totalsOf(rows: readonly QualityCount[]): QualityTotals {
  const sum = (of: (row: QualityCount) => number): number =>
    rows.reduce((all, row) => all + of(row), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    scored: sum(({ scored }) => scored),
    unjudged: sum(({ unjudged }) => unjudged),
    passRate: rateOf(rows),
  };
}

function worstOf(rows: readonly QualityCount[]): Severity | null {
  const failed = new Set(rows.filter((row) => row.failed > 0).map(({ severity }) => severity));
  return SEVERITIES.find((severity) => failed.has(severity)) ?? null;
}

/** One row per day, in order. */
function mergeDays(rows: readonly QualityCount[]): DayRate[] {
  return [...groupBy(rows, ({ day }) => day)]
    .map(([day, own]) => {
      const { passed, failed } = totalsOf(own);
      return { day, passed, failed };
    })
    .sort((one, other) => (one.day < other.day ? -1 : 1));
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
