import type { Picodollars } from '../../model/money.ts';
import type { DaySpend } from '../../storage/agent-activity-store.ts';

export interface Spend {
  /** Day, `2026-11-20` → amount. */
  readonly daily: ReadonlyMap<string, Picodollars>;
  readonly total: Picodollars;
  readonly unpricedCalls: number;
}

const NOTHING: Spend = { daily: new Map(), total: 0n, unpricedCalls: 0 };

/** Spend of a month by project and agent, kept by the day so that recent days can be asked anew. */
export class SpendLedger {
  /** Project → agent → day. */
  #rows = new Map<string, Map<string, Map<string, DaySpend>>>();

  /** Replaces what is known of the days from `fromDay` on, and forgets those before `firstDay`. */
  replace(rows: readonly DaySpend[], { firstDay, fromDay }: { firstDay: string; fromDay: string }) {
    const kept = new Map<string, Map<string, Map<string, DaySpend>>>();
    const keep = (row: DaySpend): void => {
      const agents = kept.get(row.project) ?? new Map<string, Map<string, DaySpend>>();
      kept.set(row.project, agents);
      const days = agents.get(row.agent) ?? new Map<string, DaySpend>();
      agents.set(row.agent, days);
      days.set(row.day, row);
    };
    for (const agents of this.#rows.values()) {
      for (const days of agents.values()) {
        for (const row of days.values()) if (row.day >= firstDay && row.day < fromDay) keep(row);
      }
    }
    for (const row of rows) if (row.day >= firstDay) keep(row);
    this.#rows = kept;
  }

  /** Of one agent. */
  ofAgent(project: string, agent: string): Spend {
    const days = this.#rows.get(project)?.get(agent);
    return days === undefined ? NOTHING : sum(days.values());
  }

  /** Of those agents for which `counts` says so; what no agent is known of goes by the name ''. */
  ofAgents(project: string, counts: (agent: string) => boolean): Spend {
    const rows = [...(this.#rows.get(project) ?? [])]
      .filter(([agent]) => counts(agent))
      .flatMap(([, days]) => [...days.values()]);
    return rows.length === 0 ? NOTHING : sum(rows);
  }
}

function sum(rows: Iterable<DaySpend>): Spend {
  const daily = new Map<string, Picodollars>();
  let total = 0n;
  let unpricedCalls = 0;
  for (const row of rows) {
    daily.set(row.day, (daily.get(row.day) ?? 0n) + row.cost);
    total += row.cost;
    unpricedCalls += row.unpricedCalls;
  }
  return { daily, total, unpricedCalls };
}
