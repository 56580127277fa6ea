import type { LogCondition, LogQuestion, LogStore } from '../log-store.ts';
import type { ValueCount } from '../trace-outline.ts';
import type { TimeRange } from '../trace-store.ts';
import { createAttributeCompletion, createValueCounter } from './attribute-completion.ts';
import type { PreparedCondition } from './log-predicates.ts';
import { LEVEL, levelAt } from './log-rows.ts';
import type { Query } from './query.ts';
import { rangePredicate } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql } from './sql.ts';

/** Completion looks at so many of the newest records. */
const RECORDS_LOOKED_AT = 50_000;

type Outline = Pick<
  LogStore,
  'countOverTime' | 'listFacets' | 'findAttributeKeys' | 'findAttributeValues'
>;

/** Overviews of many log records. */
export function createLogOutline(
  query: Query,
  prepareAll: (project: string, question: LogQuestion) => Promise<readonly PreparedCondition[]>,
): Outline {
  const count = createValueCounter(query);
  const fitting = async (project: string, question: LogQuestion): Promise<Sql> => {
    const conditions = (await prepareAll(project, question)).map(({ indexed }) => indexed);
    const all = [sql`project = ${project}`, rangePredicate(question.range, 'time'), ...conditions];
    return join(all, ' AND ');
  };
  const newest = (project: string, range: TimeRange): Sql =>
    sql`(SELECT attributes FROM log_records WHERE project = ${project} AND ${rangePredicate(range, 'time')}
      ORDER BY time DESC LIMIT ${RECORDS_LOOKED_AT})`;

  return {
    async countOverTime(project, { stepSeconds, ...question }) {
      const rows = await query<{ at: string; place: number; count: string }>(
        sql`SELECT toUnixTimestamp(toStartOfInterval(time, INTERVAL ${stepSeconds} SECOND)) AS at,
            ${LEVEL} AS place, count() AS count FROM log_records
          WHERE ${await fitting(project, question)} GROUP BY at, place ORDER BY at, place`,
      );
      return rows.map((row) => ({
        startNs: BigInt(row.at) * 1_000_000_000n,
        level: levelAt(row.place),
        count: Number(row.count),
      }));
    },

    async listFacets(project, { range, conditions }, limit) {
      const by = async (value: Sql, ...own: LogCondition['kind'][]): Promise<ValueCount[]> => {
        const others = conditions.filter(({ kind }) => !own.includes(kind));
        return await count(sql`SELECT ${value} AS value, count() AS count FROM log_records
          WHERE ${await fitting(project, { range, conditions: others })} AND value != ''
          GROUP BY value ORDER BY count DESC, value LIMIT ${limit}`);
      };
      const [levels, services, agents, events] = await Promise.all([
        by(sql`toString(${LEVEL})`, 'level', 'least_severity', 'severity_text'),
        by(raw('service'), 'service'),
        by(raw('agent'), 'agent'),
        by(raw('event_name'), 'event'),
      ]);
      return {
        levels: levels.map(({ value, count: rows }) => ({
          value: levelAt(Number(value)),
          count: rows,
        })),
        services,
        agents,
        events,
      };
    },

    ...createAttributeCompletion(count, newest),
  };
}
