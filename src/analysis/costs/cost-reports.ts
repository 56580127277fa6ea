import type { Clock } from '../../base/clock.ts';
import type { AgentStatus } from '../../model/agent.ts';
import type { Picodollars } from '../../model/money.ts';
import type { AgentStanding, AgentStore } from '../../storage/agent-store.ts';
import type {
  CostDimension,
  CostFilter,
  CostGroup,
  CostStore,
  CostSums,
} from '../../storage/cost-store.ts';
import { addSums, NO_COSTS } from './cost-sums.ts';

/** Whose a cost is: an agent's by its review, or nobody's. An agent that is not registered was not reviewed. */
export type CostStanding = AgentStatus | 'UNATTRIBUTED';

export interface CostPeriod {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly timeZone: string;
}

export interface CostSummary {
  /** Of agents that are approved now, whenever they were. */
  readonly approved: CostSums;
  readonly all: CostSums;
  readonly byStanding: Readonly<Partial<Record<CostStanding, CostSums>>>;
  /** Every day of the period, the first first. */
  readonly days: readonly {
    readonly date: string;
    readonly approved: Picodollars;
    readonly all: Picodollars;
  }[];
}

/** A group of costs, and the registered agent whose it is where it is one agent's. */
export interface CostRow {
  /** '' where the calls do not say. */
  readonly name: string;
  readonly sums: CostSums;
  readonly agent?: AgentStanding | undefined;
}

export interface CostRows {
  /** The dearest first. */
  readonly rows: readonly CostRow[];
  /** Over all groups, also those beyond the limit. */
  readonly total: CostSums;
}

/**
 * What calls of models cost. An agent's status and team are those of now, so that history is neither lost nor fixed by
 * a decision that came later.
 */
export interface CostReports {
  summarize(project: string, period: CostPeriod): Promise<CostSummary>;

  /** By the team of each agent; '' for agents without one and for what is nobody's. */
  sumByTeam(project: string, filter: CostFilter, limit: number): Promise<CostRows>;

  sumByAgent(project: string, filter: CostFilter, limit: number): Promise<CostRows>;

  /** By a dimension; days by their date, the first first, and every day of the period. */
  sumBy(
    project: string,
    dimension: Exclude<CostDimension, 'agent'>,
    query: { readonly filter: CostFilter; readonly timeZone: string; readonly limit: number },
  ): Promise<CostRows>;
}

/** Groups that are folded in memory. */
const GROUPS_MAX = 100_000;
const DAY_MS = 86_400_000;

export function createCostReports({
  costs,
  agents,
}: {
  readonly costs: CostStore;
  readonly agents: Pick<AgentStore, 'listStandings'>;
}): CostReports {
  const standingsOf = async (project: string): Promise<ReadonlyMap<string, AgentStanding>> =>
    new Map((await agents.listStandings(project)).map((agent) => [agent.name, agent]));

  const groupsOf = (
    project: string,
    filter: CostFilter,
    by: readonly CostDimension[],
    timeZone = 'UTC',
  ): Promise<readonly CostGroup[]> =>
    costs.sumCosts(project, { filter, by, timeZone, limit: GROUPS_MAX });

  return {
    async summarize(project, period) {
      const { fromMs, toMs, timeZone } = period;
      const [groups, standings] = await Promise.all([
        groupsOf(project, { fromMs, toMs }, ['day', 'agent'], timeZone),
        standingsOf(project),
      ]);
      return summaryOf(groups, standings, datesOf(period));
    },

    async sumByTeam(project, filter, limit) {
      const [groups, standings] = await Promise.all([
        groupsOf(project, filter, ['agent']),
        standingsOf(project),
      ]);
      const teams = new Map<string, CostSums>();
      for (const { key, sums } of groups) {
        const team = standings.get(key[0]!)?.team ?? '';
        teams.set(team, addSums(teams.get(team) ?? NO_COSTS, sums));
      }
      const rows = [...teams].map(([name, sums]) => ({ name, sums })).toSorted(dearestFirst);
      return { rows: rows.slice(0, limit), total: totalOf(rows) };
    },

    async sumByAgent(project, filter, limit) {
      const [groups, standings] = await Promise.all([
        groupsOf(project, filter, ['agent']),
        standingsOf(project),
      ]);
      const rows = groups.map(({ key, sums }) => {
        const name = key[0]!;
        return { name, sums, agent: standings.get(name) };
      });
      return { rows: rows.slice(0, limit), total: totalOf(rows) };
    },

    async sumBy(project, dimension, { filter, timeZone, limit }) {
      if (dimension !== 'day') {
        // Of users and conversations there are too many to fetch them all for the sake of their sum.
        const [groups, [all]] = await Promise.all([
          costs.sumCosts(project, { filter, by: [dimension], timeZone, limit }),
          costs.sumCosts(project, { filter, by: [], timeZone, limit: 1 }),
        ]);
        return { rows: groups.map(toRow), total: all?.sums ?? NO_COSTS };
      }
      const rows = (await groupsOf(project, filter, [dimension], timeZone)).map(toRow);
      const total = totalOf(rows);
      const byDate = new Map(rows.map((row) => [row.name, row.sums]));
      return {
        rows: datesOf({ ...filter, timeZone }).map((name) => ({
          name,
          sums: byDate.get(name) ?? NO_COSTS,
        })),
        total,
      };
    },
  };
}

function summaryOf(
  groups: readonly CostGroup[],
  standings: ReadonlyMap<string, AgentStanding>,
  dates: readonly string[],
): CostSummary {
  const byStanding: Partial<Record<CostStanding, CostSums>> = {};
  const approvedOn = new Map<string, Picodollars>();
  const allOn = new Map<string, Picodollars>();
  for (const { key, sums } of groups) {
    const [date, name] = key as [string, string];
    const standing: CostStanding =
      name === '' ? 'UNATTRIBUTED' : (standings.get(name)?.status ?? 'UNREVIEWED');
    byStanding[standing] = addSums(byStanding[standing] ?? NO_COSTS, sums);
    allOn.set(date, (allOn.get(date) ?? 0n) + sums.cost);
    if (standing === 'APPROVED') approvedOn.set(date, (approvedOn.get(date) ?? 0n) + sums.cost);
  }
  return {
    approved: byStanding.APPROVED ?? NO_COSTS,
    all: Object.values(byStanding).reduce(addSums, NO_COSTS),
    byStanding,
    days: dates.map((date) => ({
      date,
      approved: approvedOn.get(date) ?? 0n,
      all: allOn.get(date) ?? 0n,
    })),
  };
}

/** The dates of the period in its time zone; days there have 23 to 25 hours. */
function datesOf({ fromMs, toMs, timeZone }: CostPeriod): string[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const dates = new Set<string>();
  for (let atMs = fromMs; atMs < toMs; atMs += DAY_MS / 2) dates.add(format.format(atMs));
  if (toMs > fromMs) dates.add(format.format(toMs - 1));
  return [...dates];
}

/** The last days, the present one included, as they begin and end in the time zone. */
export function lastDays(days: number, clock: Clock, timeZone: string): CostPeriod {
  const nowMs = clock.now();
  const offsetMs = offsetOf(nowMs, timeZone);
  const todayMs = Math.floor((nowMs + offsetMs) / DAY_MS) * DAY_MS;
  const startOf = (localMs: number): number => {
    // Clocks may be set forth or back in the hours around, at midnight too: then a day begins at one, or has two midnights.
    const around = [-DAY_MS / 2, DAY_MS / 2].map(
      (apartMs) => localMs - offsetOf(localMs - offsetMs + apartMs, timeZone),
    );
    const [first, last] = [Math.min(...around), Math.max(...around)];
    return first + offsetOf(first, timeZone) >= localMs ? first : last;
  };
  return {
    fromMs: startOf(todayMs - (days - 1) * DAY_MS),
    toMs: startOf(todayMs + DAY_MS),
    timeZone,
  };
}

/** How far the zone's clocks are ahead of UTC, in milliseconds. */
function offsetOf(atMs: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(atMs);
  const get = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  const localMs = Date.UTC(
    get('year'),
    get('month') - 1,
    get('day'),
    get('hour'),
    get('minute'),
    get('second'),
  );
  return localMs - Math.floor(atMs / 1000) * 1000;
}

function toRow({ key, sums }: CostGroup): CostRow {
  return { name: key[0]!, sums };
}

function totalOf(rows: readonly { readonly sums: CostSums }[]): CostSums {
  return rows.map(({ sums }) => sums).reduce(addSums, NO_COSTS);
}

function dearestFirst(one: CostRow, other: CostRow): number {
  if (one.sums.cost !== other.sums.cost) return one.sums.cost > other.sums.cost ? -1 : 1;
  return one.name < other.name ? -1 : 1;
}
