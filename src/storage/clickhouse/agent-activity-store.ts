import { parseDollars } from '../../model/money.ts';
import type { RunSample } from '../../model/run-sample.ts';
import type { AgentActivityStore, DayActivity } from '../agent-activity-store.ts';
import { UNPRICED } from './cost-store.ts';
import type { Engine } from './engine.ts';
import { createQuery, inChunks, type Query } from './query.ts';
import { sql, type Sql } from './sql.ts';

const DAY_MS = 86_400_000;
/** More rows than that many agents have in a month are an error of the question. */
const SPEND_ROWS_MAX = 1_000_000;

export function createAgentActivityStore(engine: Engine): AgentActivityStore {
  const query = createQuery(engine);
  return {
    sumSpend: (range) => sumSpend(query, range),
    listRuns: (project, agents, given) => listRuns(query, project, agents, given),
    listDays: (project, agents, given) => listDays(query, project, agents, given),
  };
}

/** A moment as the engine compares it with `start`. */
function at(ms: number): Sql {
  return sql`fromUnixTimestamp64Nano(${BigInt(Math.round(ms)) * 1_000_000n}, 'UTC')`;
}

async function sumSpend(
  query: Query,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): ReturnType<AgentActivityStore['sumSpend']> {
  const rows = await query<{
    project: string;
    agent: string;
    day: string;
    dollars: string;
    unpricedCalls: string;
  }>(sql`SELECT project, agent, toString(toDate(start, 'UTC')) AS day,
      toString(sum(ifNull(toDecimal128(cost, 12), 0) * sign)) AS dollars,
      sumIf(sign, ${UNPRICED}) AS unpricedCalls
    FROM model_calls WHERE start >= ${at(fromMs)} AND start < ${at(toMs)}
    GROUP BY project, agent, day HAVING dollars != '0' OR unpricedCalls > 0
    ORDER BY project, agent, day LIMIT ${SPEND_ROWS_MAX}`);
  return rows.map(({ dollars, unpricedCalls, ...row }) => ({
    ...row,
    cost: parseDollars(dollars) ?? 0n,
    unpricedCalls: Number(unpricedCalls),
  }));
}

interface SampleRow {
  readonly agent: string;
  readonly traceId: string;
  readonly runId: string;
  readonly startMs: string;
  readonly version: string;
  readonly failed: number;
  readonly durationS: number | null;
  readonly cost: number | null;
  readonly tokens: string | null;
  readonly loopLength: number;
  readonly models: readonly string[];
  readonly tools: Readonly<Record<string, number>>;
}

async function listRuns(
  query: Query,
  project: string,
  agents: readonly string[],
  { fromMs, toMs, perAgent }: { fromMs: number; toMs: number; perAgent: number },
): Promise<ReadonlyMap<string, readonly RunSample[]>> {
  const rows = await inChunks(agents, (names) =>
    query<SampleRow>(sql`SELECT agent, lower(hex(trace_id)) AS traceId, lower(hex(run_id)) AS runId,
        toUnixTimestamp64Milli(start) AS startMs, row.1 AS version, row.2 = 'error' AS failed,
        row.3 / 1e9 AS durationS, if(row.5 > 0, NULL, toFloat64(row.4)) AS cost,
        if(row.6 IS NULL AND row.7 IS NULL, NULL, ifNull(row.6, 0) + ifNull(row.7, 0)) AS tokens,
        row.8 AS loopLength, row.9 AS models, row.10 AS tools
      FROM (SELECT agent, start, trace_id, run_id,
          argMaxIf((agent_version, toString(status), duration_ns, cost, calls_unpriced, input_tokens, output_tokens,
            loop_length, models, tools), version, sign > 0) AS row
        FROM runs
        WHERE project = ${project} AND agent IN ${names} AND start >= ${at(fromMs)} AND start < ${at(toMs)}
        GROUP BY agent, start, trace_id, run_id HAVING sum(sign) > 0)
      WHERE row.2 != 'running'
      ORDER BY start DESC, trace_id, run_id LIMIT ${perAgent} BY agent`),
  );
  const samples = new Map<string, RunSample[]>();
  for (const { agent, startMs, tokens, failed, ...row } of rows) {
    const known = samples.get(agent) ?? [];
    samples.set(agent, known);
    known.push({
      ...row,
      startMs: Number(startMs),
      failed: failed === 1,
      tokens: tokens === null ? null : Number(tokens),
    });
  }
  return samples;
}

async function listDays(
  query: Query,
  project: string,
  agents: readonly string[],
  { toMs, days }: { toMs: number; days: number },
): Promise<ReadonlyMap<string, readonly DayActivity[]>> {
  const rows = await inChunks(agents, (names) =>
    query<{
      agent: string;
      day: number;
      runs: string;
      cost: number;
      dearest: number;
    }>(sql`SELECT agent,
        toUInt16(intDiv(${BigInt(Math.round(toMs))} - toUnixTimestamp64Milli(start) - 1, ${DAY_MS})) AS day,
        sum(sign) AS runs, sum(ifNull(toFloat64(cost), 0) * sign) AS cost,
        maxIf(ifNull(toFloat64(runs.cost), 0), sign > 0) AS dearest
      FROM runs WHERE project = ${project} AND agent IN ${names}
        AND start >= ${at(toMs - days * DAY_MS)} AND start < ${at(toMs)}
      GROUP BY agent, day`),
  );
  const byAgent = new Map<string, DayActivity[]>();
  for (const { agent, day, runs, cost, dearest } of rows) {
    const known =
      byAgent.get(agent) ?? Array.from({ length: days }, () => ({ runs: 0, cost: 0, dearest: 0 }));
    byAgent.set(agent, known);
    if (day < days) known[day] = { runs: Number(runs), cost, dearest };
  }
  return byAgent;
}
