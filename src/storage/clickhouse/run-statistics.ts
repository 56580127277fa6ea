import { parseDollars } from '../../model/money.ts';
import type { RunField, RunPeriod, RunStatistics, RunSums } from '../run-statistics.ts';
import { contains, createValueCounter } from './attribute-completion.ts';
import type { Engine } from './engine.ts';
import { createQuery } from './query.ts';
import { predicateOf } from './run-search.ts';
import { time } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { raw, sql } from './sql.ts';

interface SumsRow {
  readonly runs: string;
  readonly failed: string;
  readonly running: string;
  readonly abandoned: string;
  readonly modelCalls: string;
  readonly toolCalls: string;
  readonly retries: string;
  readonly inputTokens: string;
  readonly withInput: string;
  readonly outputTokens: string;
  readonly withOutput: string;
  readonly cacheReadTokens: string;
  readonly withCacheRead: string;
  readonly cost: string;
  readonly callsUnpriced: string;
}

/** A row that takes another back subtracts all that it added, so that sums need no last state of a run. */
const SUMS = raw(`sum(sign) AS runs,
  sum(sign * (status = 'error')) AS failed, sum(sign * (status = 'running')) AS running,
  sum(sign * (status = 'abandoned')) AS abandoned,
  sum(sign * toInt64(model_calls)) AS modelCalls, sum(sign * toInt64(tool_calls)) AS toolCalls,
  sum(sign * toInt64(retries)) AS retries,
  sum(sign * toInt64(ifNull(input_tokens, 0))) AS inputTokens,
  sum(sign * (input_tokens IS NOT NULL)) AS withInput,
  sum(sign * toInt64(ifNull(output_tokens, 0))) AS outputTokens,
  sum(sign * (output_tokens IS NOT NULL)) AS withOutput,
  sum(sign * toInt64(ifNull(cache_read_tokens, 0))) AS cacheReadTokens,
  sum(sign * (cache_read_tokens IS NOT NULL)) AS withCacheRead,
  toString(sum(sign * ifNull(cost, toDecimal64(0, 12)))) AS cost,
  sum(sign * toInt64(calls_unpriced)) AS callsUnpriced`);

const VALUES: Readonly<Record<RunField, string>> = {
  agent: 'toString(agent)',
  agentVersion: 'toString(agent_version)',
  service: 'toString(service)',
  framework: 'toString(framework)',
  name: 'toString(name)',
  status: 'toString(status)',
  errorType: 'toString(error_type)',
  model: 'arrayJoin(models)',
  tool: 'arrayJoin(mapKeys(tools))',
  user: 'user',
  conversation: 'conversation',
};

/** Classes of durations: 50 to a factor of e. */
const CLASSES_PER_E = 50;

export function createRunStatistics(engine: Engine): RunStatistics {
  const query = createQuery(engine);
  const count = createValueCounter(query);
  return {
    async sumByAgent(project, period, limit) {
      const rows = await query<
        SumsRow & { agentName: string }
      >(sql`SELECT agent AS agentName, ${SUMS}
        FROM runs WHERE ${within(project, period)} GROUP BY agent HAVING runs > 0
        ORDER BY runs DESC, agentName LIMIT ${limit}`);
      return rows.map((row) => ({ agent: row.agentName, ...toSums(row) }));
    },

    async sumOverTime(project, period, stepSeconds) {
      const rows = await query<SumsRow & { at: string }>(sql`SELECT
          toUnixTimestamp(toStartOfInterval(start, INTERVAL ${stepSeconds} SECOND)) AS at, ${SUMS}
        FROM runs WHERE ${within(project, period)} GROUP BY at HAVING runs > 0 ORDER BY at`);
      return rows.map((row) => ({ startMs: Number(row.at) * 1000, ...toSums(row) }));
    },

    countValues: (project, filter, { field, part, limit }) =>
      count(sql`SELECT ${raw(VALUES[field])} AS value, sum(sign) AS count FROM runs
        WHERE project = ${project} AND ${predicateOf(filter)}
        GROUP BY value HAVING count > 0 AND value != '' AND ${contains(part)}
        ORDER BY count DESC, value LIMIT ${limit}`),

    async countDurations(project, period) {
      const rows = await query<{
        agentName: string;
        class: number;
        runs: string;
      }>(sql`SELECT agent AS agentName,
          toInt32(round(log(greatest(duration_ns, 1)) * ${CLASSES_PER_E})) AS class, sum(sign) AS runs
        FROM runs WHERE ${within(project, period)} AND duration_ns IS NOT NULL
        GROUP BY agent, class HAVING runs > 0 ORDER BY agent, class`);
      return rows.map((row) => ({
        agent: row.agentName,
        durationNs: Math.exp(row.class / CLASSES_PER_E),
        runs: Number(row.runs),
      }));
    },
  };
}

function within(project: string, { fromMs, toMs, agent }: RunPeriod): Sql {
  const at = (ms: number): Sql => time(BigInt(Math.floor(ms)) * 1_000_000n);
  return sql`project = ${project} AND start >= ${at(fromMs)} AND start < ${at(toMs)}
    AND ${agent === undefined ? raw('1') : sql`agent = ${agent}`}`;
}

function toSums(row: SumsRow): RunSums {
  const known = (sum: string, reported: string): number | null =>
    Number(reported) > 0 ? Number(sum) : null;
  return {
    runs: Number(row.runs),
    failed: Number(row.failed),
    running: Number(row.running),
    abandoned: Number(row.abandoned),
    modelCalls: Number(row.modelCalls),
    toolCalls: Number(row.toolCalls),
    retries: Number(row.retries),
    inputTokens: known(row.inputTokens, row.withInput),
    outputTokens: known(row.outputTokens, row.withOutput),
    cacheReadTokens: known(row.cacheReadTokens, row.withCacheRead),
    cost: parseDollars(row.cost) ?? 0n,
    callsUnpriced: Number(row.callsUnpriced),
  };
}
