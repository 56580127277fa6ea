import type { TraceFacets, TraceOutline, ValueCount } from '../trace-outline.ts';
import type { SpanCondition, TimeRange } from '../trace-store.ts';
import { createAttributeCompletion, createValueCounter } from './attribute-completion.ts';
import type { Engine } from './engine.ts';
import type { Query } from './query.ts';
import { createQuery } from './query.ts';
import { rangePredicate, spanPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql } from './sql.ts';
import { createLookUp } from './trace-search.ts';

/** Completion looks at so many of the newest spans. */
const SPANS_LOOKED_AT = 50_000;
const ROOT = raw("parent_span_id = toFixedString('', 8)");

export function createTraceOutline(engine: Engine): TraceOutline {
  const query = createQuery(engine);
  const countOverTime = createCounter(query);
  const count = createValueCounter(query);

  const newest = (project: string, range: TimeRange): Sql =>
    sql`(SELECT attributes FROM spans WHERE project = ${project} AND ${rangePredicate(range)}
      ORDER BY start DESC LIMIT ${SPANS_LOOKED_AT})`;

  return {
    countOverTime,

    async listFacets(project, range, limit): Promise<TraceFacets> {
      const by = (column: string): Promise<ValueCount[]> =>
        count(sql`SELECT ${raw(column)} AS value, uniqExact(trace_id) AS count FROM spans
          WHERE project = ${project} AND ${rangePredicate(range)} AND value != ''
          GROUP BY value ORDER BY count DESC, value LIMIT ${limit}`);
      const [agents, services, models, frameworks] = await Promise.all([
        by('agent'),
        by('service'),
        by("if(response_model = '', request_model, response_model)"),
        by('framework'),
      ]);
      return { agents, services, models, frameworks };
    },

    ...createAttributeCompletion(count, newest),
  };
}

function createCounter(query: Query): TraceOutline['countOverTime'] {
  const lookUp = createLookUp(query);
  /** Traces with a span in the range that fits. */
  const tracesWith = async (
    project: string,
    range: TimeRange,
    condition: SpanCondition,
  ): Promise<Sql> => {
    const predicate = spanPredicate(condition, await lookUp(project, condition, range));
    return sql`(SELECT trace_id FROM spans WHERE project = ${project} AND ${rangePredicate(range)} AND ${predicate})`;
  };
  return async (project, { range, conditions, stepSeconds }) => {
    const failed = await tracesWith(project, range, { kind: 'error' });
    const wanted = await Promise.all(
      conditions.map(async (condition) =>
        condition.kind === 'no_error'
          ? sql`trace_id NOT IN ${failed}`
          : sql`trace_id IN ${await tracesWith(project, range, condition)}`,
      ),
    );
    const rows = await query<{
      at: string;
      traces: string;
      failed: string;
    }>(sql`SELECT toUnixTimestamp(toStartOfInterval(start, INTERVAL ${stepSeconds} SECOND)) AS at,
        uniqExact(trace_id) AS traces, uniqExactIf(trace_id, trace_id IN ${failed}) AS failed
      FROM spans WHERE project = ${project} AND ${rangePredicate(range)} AND ${ROOT}
        AND ${wanted.length === 0 ? raw('1') : join(wanted, ' AND ')}
      GROUP BY at ORDER BY at`);
    return rows.map((row) => ({
      startNs: BigInt(row.at) * 1_000_000_000n,
      traces: Number(row.traces),
      failed: Number(row.failed),
    }));
  };
}
