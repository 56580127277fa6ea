import type { TraceFacets, TraceOutline, ValueCount } from '../trace-outline.ts';
import type { SpanCondition, SpanField, TimeRange } from '../trace-store.ts';
import { contains, createAttributeCompletion, createValueCounter } from './attribute-completion.ts';
import type { Engine } from './engine.ts';
import type { Query } from './query.ts';
import { createQuery } from './query.ts';
import { FIELD_COLUMNS, rangePredicate, spanPredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql } from './sql.ts';
import { createLookUp } from './trace-search.ts';

/** Completion looks at so many of the newest spans. */
const SPANS_LOOKED_AT = 50_000;
const ROOT = raw("parent_span_id = toFixedString('', 8)");

export function createTraceOutline(engine: Engine): TraceOutline {
  const query = createQuery(engine);
  const fitting = createFitting(query);
  const count = createValueCounter(query);

  const newest = (project: string, range: TimeRange, columns = 'attributes'): Sql =>
    sql`(SELECT ${raw(columns)} FROM spans WHERE project = ${project} AND ${rangePredicate(range)}
      ORDER BY start DESC LIMIT ${SPANS_LOOKED_AT})`;

  return {
    countOverTime: createCounter(query, fitting),
    listFacets: createFacets(query, fitting),

    findFieldValues: (project, { range, field, part, limit }) =>
      count(sql`SELECT value, count() AS count
        FROM ${newest(project, range, `toString(${FIELD_COLUMNS[field]}) AS value`)}
        WHERE value != '' AND length(value) <= 256 AND ${contains(part)}
        GROUP BY value ORDER BY count DESC, value LIMIT ${limit}`),

    ...createAttributeCompletion(count, newest),
  };
}

/** Holds for spans of the traces that fit all of the conditions. */
type Fitting = (
  project: string,
  range: TimeRange,
  conditions: readonly SpanCondition[],
) => Promise<Sql>;

function createFitting(query: Query): Fitting {
  const lookUp = createLookUp(query);
  return async (project, range, conditions) => {
    const parts = await Promise.all(
      conditions.map(async (condition) => {
        const isIn = condition.kind === 'no_error' ? 'NOT IN' : 'IN';
        const held: SpanCondition = condition.kind === 'no_error' ? { kind: 'error' } : condition;
        const predicate = spanPredicate(held, await lookUp(project, held, range));
        return sql`trace_id ${raw(isIn)} (SELECT trace_id FROM spans
          WHERE project = ${project} AND ${rangePredicate(range)} AND ${predicate})`;
      }),
    );
    return parts.length === 0 ? raw('1') : join(parts, ' AND ');
  };
}

function createCounter(query: Query, fitting: Fitting): TraceOutline['countOverTime'] {
  return async (project, { range, conditions, stepSeconds }) => {
    const failed = await fitting(project, range, [{ kind: 'error' }]);
    const rows = await query<{
      at: string;
      traces: string;
      failed: string;
    }>(sql`SELECT toUnixTimestamp(toStartOfInterval(start, INTERVAL ${stepSeconds} SECOND)) AS at,
        uniqExact(trace_id) AS traces, uniqExactIf(trace_id, ${failed}) AS failed
      FROM spans WHERE project = ${project} AND ${rangePredicate(range)} AND ${ROOT}
        AND ${await fitting(project, range, conditions)}
      GROUP BY at ORDER BY at`);
    return rows.map((row) => ({
      startNs: BigInt(row.at) * 1_000_000_000n,
      traces: Number(row.traces),
      failed: Number(row.failed),
    }));
  };
}

const FACETS = [
  ['agents', 'agent'],
  ['services', 'service'],
  ['models', 'model'],
  ['tools', 'tool'],
  ['operations', 'operation'],
  ['providers', 'provider'],
  ['frameworks', 'framework'],
] as const satisfies readonly (readonly [keyof TraceFacets, SpanField])[];

function createFacets(query: Query, fitting: Fitting): TraceOutline['listFacets'] {
  const count = createValueCounter(query);
  return async (project, { range, conditions }, limit) => {
    const without = async (isOwn: (condition: SpanCondition) => boolean): Promise<Sql> =>
      sql`project = ${project} AND ${rangePredicate(range)} AND ${await fitting(
        project,
        range,
        conditions.filter((condition) => !isOwn(condition)),
      )}`;
    const fields = FACETS.map(async ([name, field]) => {
      const scope = await without(
        (condition) => condition.kind === 'field' && condition.field === field,
      );
      const values = await count(sql`SELECT ${raw(FIELD_COLUMNS[field])} AS value,
          uniqCombined(trace_id) AS count FROM spans WHERE ${scope} AND value != ''
        GROUP BY value ORDER BY count DESC, value LIMIT ${limit}`);
      return [name, values] as const;
    });
    const scope = await without(({ kind }) => kind === 'error' || kind === 'no_error');
    const [statuses, ...found] = await Promise.all([
      query<{ traces: string; failed: string }>(sql`SELECT uniqCombined(trace_id) AS traces,
        uniqCombinedIf(trace_id, status_code = 2) AS failed FROM spans WHERE ${scope}`),
      ...fields,
    ]);
    const failed = Number(statuses[0]?.failed ?? 0);
    const fine = Math.max(0, Number(statuses[0]?.traces ?? 0) - failed);
    return {
      ...(Object.fromEntries(found) as Record<(typeof FACETS)[number][0], ValueCount[]>),
      statuses: [
        { value: 'ok', count: fine },
        { value: 'error', count: failed },
      ].filter((status) => status.count > 0),
    };
  };
}
