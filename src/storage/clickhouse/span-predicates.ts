import type { SpanCondition, TimeRange } from '../trace-store.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql, unhex } from './sql.ts';

const DAY_SECONDS = 86_400n;
const TOKEN_BYTES_MAX = 1024;

/** What must be looked up before a condition can be written. */
export interface Lookups {
  /** Ids of resources and scopes that carry an attribute; hex digits. */
  readonly resourceIds: readonly string[];
  readonly scopeIds: readonly string[];
  /** Hashes of payloads that contain a text; hex digits. */
  readonly payloadHashes: readonly string[];
}

/** The condition on a row of `spans`. */
export function spanPredicate(condition: SpanCondition | undefined, lookups: Lookups): Sql {
  if (condition === undefined) return raw('1');
  switch (condition.kind) {
    case 'agent':
      return sql`agent = ${condition.value}`;
    case 'service':
      return sql`service = ${condition.value}`;
    case 'model':
      return sql`(request_model = ${condition.value} OR response_model = ${condition.value})`;
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

function durationPredicate(minNs: bigint | undefined, maxNs: bigint | undefined): Sql {
  const parts = [
    ...(minNs === undefined ? [] : [sql`duration_ns >= ${minNs}`]),
    ...(maxNs === undefined ? [] : [sql`duration_ns <= ${maxNs}`]),
  ];
  return parts.length === 0 ? raw('1') : join(parts, ' AND ');
}

/** `has` over the items is what the text index answers by reading postings alone. */
function attributePredicate(key: string, value: string, lookups: Lookups): Sql {
  const parts = [sql`has(items, ${`${key}=${value.slice(0, TOKEN_BYTES_MAX)}`})`];
  if (lookups.resourceIds.length > 0)
    parts.push(sql`resource_id IN ${idList(lookups.resourceIds, 16)}`);
  if (lookups.scopeIds.length > 0) parts.push(sql`scope_id IN ${idList(lookups.scopeIds, 16)}`);
  return parts.length === 1 ? parts[0]! : sql`(${join(parts, ' OR ')})`;
}

function textPredicate(value: string, lookups: Lookups): Sql {
  const parts = [
    sql`positionCaseInsensitiveUTF8(name, ${value}) > 0`,
    sql`arrayExists(text -> positionCaseInsensitiveUTF8(text, ${value}) > 0, mapValues(attributes))`,
    sql`positionCaseInsensitiveUTF8(status_message, ${value}) > 0`,
  ];
  if (lookups.payloadHashes.length > 0) {
    const hashes = join(
      lookups.payloadHashes.map((hash) => sql`${hash}`),
      ', ',
    );
    parts.push(sql`arrayExists(text -> multiSearchAny(text, [${hashes}]), mapValues(attributes))`);
  }
  return sql`(${join(parts, ' OR ')})`;
}

/** A list of fixed-width ids for `IN`. */
export function idList(ids: readonly string[], bytes: 8 | 16): Sql {
  const items = ids.map((id) => sql`toFixedString(${unhex(id)}, ${bytes})`);
  return sql`(${join(items, ', ')})`;
}

/** Spans of a project that started in the range. Telemetry is never received before it happened, so old partitions need not be opened. */
export function rangePredicate(project: string, range: TimeRange): Sql {
  const parts = [sql`project = ${project}`];
  if (range.fromNs !== undefined) {
    const receivedSeconds = range.fromNs / 1_000_000_000n - DAY_SECONDS;
    parts.push(sql`start >= ${time(range.fromNs)}`);
    if (receivedSeconds > 0n) parts.push(sql`received >= toDateTime(${receivedSeconds}, 'UTC')`);
  }
  if (range.toNs !== undefined) parts.push(sql`start < ${time(range.toNs)}`);
  return join(parts, ' AND ');
}

/** A nanosecond count as the engine's time type. */
export function time(ns: bigint): Sql {
  return sql`fromUnixTimestamp64Nano(toInt64(${ns}), 'UTC')`;
}
