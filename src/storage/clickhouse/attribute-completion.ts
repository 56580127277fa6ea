import type { TraceOutline, ValueCount } from '../trace-outline.ts';
import type { TimeRange } from '../trace-store.ts';
import type { Query } from './query.ts';
import type { Sql } from './sql.ts';
import { raw, sql } from './sql.ts';

interface CountRow {
  readonly value: string;
  readonly count: string;
}

export type CountValues = (statement: Sql) => Promise<ValueCount[]>;

/** For statements that select a `value` and a `count`. */
export function createValueCounter(query: Query): CountValues {
  return async (statement) =>
    (await query<CountRow>(statement)).map((row) => ({ ...row, count: Number(row.count) }));
}

/** Keys and values of the attributes of what `newest` selects: the column `attributes` of the newest rows of a range. */
export function createAttributeCompletion(
  count: CountValues,
  newest: (project: string, range: TimeRange) => Sql,
): Pick<TraceOutline, 'findAttributeKeys' | 'findAttributeValues'> {
  return {
    findAttributeKeys: (project, { range, part, limit }) =>
      count(sql`SELECT arrayJoin(mapKeys(attributes)) AS value, count() AS count
        FROM ${newest(project, range)} WHERE ${contains(part)}
        GROUP BY value ORDER BY count DESC, value LIMIT ${limit}`),

    findAttributeValues: (project, { range, key, part, limit }) =>
      count(sql`SELECT attributes[${key}] AS value, count() AS count
        FROM ${newest(project, range)}
        WHERE mapContains(attributes, ${key}) AND position(value, '\x01') = 0 AND length(value) < 256
          AND ${contains(part)}
        GROUP BY value ORDER BY count DESC, value LIMIT ${limit}`),
  };
}

/** The column `value` contains the text; case does not matter. */
export const contains = (part: string): Sql =>
  part === '' ? raw('1') : sql`positionCaseInsensitiveUTF8(value, ${part}) > 0`;
