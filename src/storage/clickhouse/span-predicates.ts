import { createHash } from 'node:crypto';

import type { SpanCondition, SpanField, TimeRange } from '../trace-store.ts';
import type { Sql } from './sql.ts';
import { idList, join, raw, sql } from './sql.ts';

const DAY_SECONDS = 86_400n;
const NANOS_PER_SECOND = 1_000_000_000n;
/** The latest time that the engine's `DateTime` holds. */
const SECONDS_MAX = 0xffff_ffffn;
const NANOS_MAX = 2n ** 63n - 1n;
/** Values of fewer bytes than this are never stored apart. */
const APART_BYTES_MIN = 1024;

/** What was looked up before a condition is written: a list when it is short, else the query that finds it. */
export interface Lookups {
  /** Resources and scopes that carry an attribute. */
  readonly resourceIds: Sql | undefined;
  readonly scopeIds: Sql | undefined;
  /** Payloads that contain a text, by hash as hex digits. */
  readonly payloadHashes: Sql | undefined;
}

/** The condition on a row of `spans`. */
export function spanPredicate(condition: SpanCondition | undefined, lookups: Lookups): Sql {
  if (condition === undefined) return raw('1');
  switch (condition.kind) {
    case 'field':
      return fieldPredicate(condition.field, condition.values);
    case 'error':
      return raw('status_code = 2');
    case 'no_error':
      return raw('status_code != 2');
    case 'duration':
      return durationPredicate(condition.minNs, condition.maxNs);
    case 'attribute':
      return attributePredicate(condition.key, condition.value, lookups);
    case 'text':
      return textPredicate(condition.value, lookups);
  }
}

/** The column of a field; a model's is that which answered. */
export const FIELD_COLUMNS: Readonly<Record<SpanField, string>> = {
  conversation: 'conversation',
  user: 'user',
  tool: 'tool_name',
  error_type: 'error_type',
  name: 'name',
  model: "if(response_model = '', request_model, response_model)",
  operation: 'operation',
  agent: 'agent',
  provider: 'provider',
  framework: 'framework',
  service: 'service',
};

function fieldPredicate(field: SpanField, values: readonly string[]): Sql {
  if (field === 'model') return sql`(request_model IN ${values} OR response_model IN ${values})`;
  return sql`${raw(FIELD_COLUMNS[field])} IN ${values}`;
}

function durationPredicate(minNs: bigint | undefined, maxNs: bigint | undefined): Sql {
  const parts = [
    ...(minNs === undefined ? [] : [sql`duration_ns >= ${minNs}`]),
    ...(maxNs === undefined ? [] : [sql`duration_ns <= ${maxNs}`]),
  ];
  return parts.length === 0 ? raw('1') : sql`(${join(parts, ' AND ')})`;
}

function attributePredicate(key: string, value: string, lookups: Lookups): Sql {
  const parts = [itemPredicate(key, value)];
  if (lookups.resourceIds !== undefined) parts.push(sql`resource_id IN ${lookups.resourceIds}`);
  if (lookups.scopeIds !== undefined) parts.push(sql`scope_id IN ${lookups.scopeIds}`);
  return parts.length === 1 ? parts[0]! : sql`(${join(parts, ' OR ')})`;
}

/** `has` over the items is what the text index answers by reading postings alone. */
export function itemPredicate(key: string, value: string): Sql {
  const itself = sql`has(items, ${`${key}=${value}`})`;
  if (Buffer.byteLength(value) < APART_BYTES_MIN) return itself;
  const reference = `\u0001${createHash('sha256').update(value).digest('hex').slice(0, 32)}`;
  return sql`(${itself} OR has(items, ${`${key}=${reference}`}))`;
}

function textPredicate(value: string, lookups: Lookups): Sql {
  // A reference's digits are not the sender's text.
  const own = sql`if(position(text, '\x01') = 0, text, replaceRegexpAll(text, '\x01[0-9a-f]{32}', ''))`;
  const parts = [
    sql`positionCaseInsensitiveUTF8(name, ${value}) > 0`,
    sql`positionCaseInsensitiveUTF8(status_message, ${value}) > 0`,
    sql`arrayExists(text -> positionCaseInsensitiveUTF8(${own}, ${value}) > 0, mapValues(attributes))`,
  ];
  if (lookups.payloadHashes !== undefined) {
    parts.push(
      sql`arrayExists(text -> arrayExists(digits -> digits IN ${lookups.payloadHashes}, extractAll(text, '\x01([0-9a-f]{32})')), mapValues(attributes))`,
    );
  }
  return sql`(${join(parts, ' OR ')})`;
}

/** Rows whose own time is in the range. Telemetry is not received before it happened, so that old partitions stay closed. */
export function rangePredicate(range: TimeRange, column: 'start' | 'time' = 'start'): Sql {
  const parts = [raw('1')];
  if (range.fromNs !== undefined) {
    parts.push(sql`${raw(column)} >= ${time(range.fromNs)}`, receivedPredicate(range.fromNs));
  }
  if (range.toNs !== undefined) parts.push(sql`${raw(column)} < ${time(range.toNs)}`);
  return join(parts, ' AND ');
}

/** Rows that a span which started at or after may have come with. A sender's clock may be ahead by a day. */
export function receivedPredicate(fromNs: bigint): Sql {
  const seconds = fromNs / NANOS_PER_SECOND - DAY_SECONDS;
  if (seconds <= 0n) return raw('1');
  return sql`received >= toDateTime(${seconds > SECONDS_MAX ? SECONDS_MAX : seconds}, 'UTC')`;
}

/** A nanosecond count as the engine's time type; what it cannot hold becomes the nearest that it can. */
export function time(ns: bigint): Sql {
  const held = ns > NANOS_MAX ? NANOS_MAX : ns < 0n ? 0n : ns;
  return sql`fromUnixTimestamp64Nano(toInt64(${held}), 'UTC')`;
}

/** The traces of a list, of one project. */
export function tracesPredicate(project: string, traceIds: readonly string[]): Sql {
  return sql`project = ${project} AND trace_id IN ${idList(traceIds)}`;
}
