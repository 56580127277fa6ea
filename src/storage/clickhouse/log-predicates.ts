import { SEVERITY_LEVELS } from '../../model/severity.ts';
import type { LogCondition, LogPosition } from '../log-store.ts';
import type { TimeRange } from '../trace-store.ts';
import { LEVEL } from './log-rows.ts';
import type { Query } from './query.ts';
import { spanPredicate, time } from './span-predicates.ts';
import type { Sql } from './sql.ts';
import { bytes, join, raw, sql } from './sql.ts';
import { createLookUp } from './trace-search.ts';

/** Shorter words are in too many tokens of the text index for it to help. */
const INDEXED_CHARACTERS_MIN = 4;

export interface PreparedCondition {
  /** Fits few rows in no need of an order: an index finds them. */
  readonly narrow: boolean;
  readonly predicate: Sql;
  /** The same over all of time, in words that the text index understands. */
  readonly indexed: Sql;
}

/** Looks up what conditions refer to and writes them as conditions on a row of `log_records`. */
export function createLogConditions(query: Query) {
  const lookUp = createLookUp(query);
  return async (
    project: string,
    condition: LogCondition,
    range: TimeRange,
  ): Promise<PreparedCondition> => {
    if (condition.kind === 'attribute') return same(await attributePredicate(condition));
    if (condition.kind === 'text') return await textPredicate(condition.value);
    const narrow = condition.kind === 'trace' || condition.kind === 'span';
    return { ...same(rowPredicate(condition)), narrow };

    async function attributePredicate(
      asked: Extract<LogCondition, { kind: 'attribute' }>,
    ): Promise<Sql> {
      const { key, value, operator } = asked;
      if (operator === 'contains') return containsPredicate(project, key, value);
      // Records refer to resources and scopes as spans do, and keep attributes the same way.
      const wanted = { kind: 'attribute', key, value } as const;
      const equal = spanPredicate(wanted, await lookUp(project, wanted, range));
      return operator === 'equals' ? equal : sql`NOT ${equal}`;
    }

    async function textPredicate(value: string): Promise<PreparedCondition> {
      const { payloadHashes } = await lookUp(project, { kind: 'text', value }, range);
      const own = ownTextPredicate(value);
      if (payloadHashes === undefined) {
        return { narrow: false, predicate: own, indexed: join([...hintsOf(value), own], ' AND ') };
      }
      return same(
        sql`(${own} OR (body_type != lower(body_type) AND arrayExists(digits -> digits IN ${payloadHashes}, extractAll(body, '\x01([0-9a-f]{32})'))))`,
      );
    }
  };
}

/** In the body as it stands in its row, or in the name of the event; a reference's digits are not the sender's text. */
function ownTextPredicate(value: string): Sql {
  // Of ASCII letters the engine knows the other case without decoding the text.
  const isAscii = Buffer.byteLength(value) === value.length;
  const position = raw(isAscii ? 'positionCaseInsensitive' : 'positionCaseInsensitiveUTF8');
  const text = sql`if(body_type = lower(body_type), body, replaceRegexpAll(body, '\x01[0-9a-f]{32}', ''))`;
  return sql`(${position}(${text}, ${value}) > 0 OR ${position}(event_name, ${value}) > 0)`;
}

/** What the text index can say before a row is read. It holds words of which the ASCII letters are in lower case. */
function hintsOf(value: string): Sql[] {
  const text = value.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  // What stands between separators is a word as a whole; letters beyond ASCII belong to words.
  const whole = [
    ...text.matchAll(/(?<=[^a-z0-9\u0080-\uffff])[a-z0-9]+(?=[^a-z0-9\u0080-\uffff])/g),
  ];
  if (whole.length > 0) {
    return [
      sql`hasAllTokens(searched, [${join(
        whole.map(([word]) => sql`${word}`),
        ', ',
      )}])`,
    ];
  }
  return [...text.matchAll(/[a-z0-9]+/g)]
    .filter(([word]) => word.length >= INDEXED_CHARACTERS_MIN)
    .map(([word]) => sql`searched LIKE ${`%${word}%`}`);
}

const same = (predicate: Sql): PreparedCondition => ({
  narrow: false,
  predicate,
  indexed: predicate,
});

/** What needs no look-up. */
function rowPredicate(condition: Exclude<LogCondition, { kind: 'attribute' | 'text' }>): Sql {
  switch (condition.kind) {
    case 'level':
      return sql`${LEVEL} IN ${condition.values.map((level) => SEVERITY_LEVELS.indexOf(level))}`;
    case 'least_severity':
      return sql`severity_number >= ${condition.value}`;
    case 'severity_text':
      return sql`upperUTF8(severity_text) = upperUTF8(${condition.value})`;
    case 'service':
      return sql`service = ${condition.value}`;
    case 'agent':
      return sql`agent = ${condition.value}`;
    case 'event':
      return condition.value.endsWith('*')
        ? sql`startsWith(event_name, ${condition.value.slice(0, -1)})`
        : sql`event_name = ${condition.value}`;
    case 'trace':
      return sql`trace_id = toFixedString(${bytes(condition.value)}, 16)`;
    case 'span':
      return sql`span_id = toFixedString(${bytes(condition.value)}, 8)`;
  }
}

function containsPredicate(project: string, key: string, value: string): Sql {
  const own = sql`(mapContains(attributes, ${key}) AND positionCaseInsensitiveUTF8(attributes[${key}], ${value}) > 0)`;
  const among = (table: string): Sql =>
    sql`(SELECT id FROM ${raw(table)} WHERE project = ${project} AND ${own})`;
  return sql`(${own} OR resource_id IN ${among('resources')} OR scope_id IN ${among('scopes')})`;
}

/** Behind the position in the order. */
export function behindPredicate(
  position: LogPosition | undefined,
  order: 'newest' | 'oldest',
): Sql {
  if (position === undefined) return raw('1');
  const at = time(position.timeNs);
  const place = sql`(${position.block}, ${position.row})`;
  return order === 'newest'
    ? sql`time <= ${at} AND (time < ${at} OR (_block_number, _block_offset) < ${place})`
    : sql`time >= ${at} AND (time > ${at} OR (_block_number, _block_offset) > ${place})`;
}
