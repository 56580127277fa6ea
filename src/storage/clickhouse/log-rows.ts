import { LEVEL_WORDS, SEVERITY_LEVELS } from '../../model/severity.ts';
import type { SeverityLevel } from '../../model/severity.ts';
import type { StoredLog } from '../log-store.ts';
import { attributesOf } from './span-rows.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql } from './sql.ts';

/** The record's place in `SEVERITY_LEVELS`: by its number, else by what loggers call their levels. */
export const LEVEL: Sql = sql`multiIf(severity_number > 0, least(intDiv(severity_number - 1, 4) + 1, 6), ${join(
  SEVERITY_LEVELS.flatMap((level, place) =>
    level === 'unset' ? [] : [sql`upper(severity_text) IN ${LEVEL_WORDS[level]}, ${place}`],
  ),
  ', ',
)}, 0)`;

/** 64-bit numbers come as decimal strings, ids as lower-case hex. */
export const LOG_COLUMNS = sql`toUnixTimestamp64Nano(time) AS timeNs, _block_number AS block,
  _block_offset AS row, toUnixTimestamp64Nano(observed_time) AS observedNs, toUnixTimestamp(received) AS receivedSeconds,
  ${raw(idOrNone('trace_id', 16))} AS traceId, ${raw(idOrNone('span_id', 8))} AS spanId, flags,
  severity_number AS severityNumber, severity_text AS severityText, ${LEVEL} AS level, event_name AS eventName,
  body, body_type AS bodyType, service, agent, lower(hex(resource_id)) AS resourceId,
  lower(hex(scope_id)) AS scopeId, scope_name AS scopeName, mapKeys(attributes) AS keys,
  mapValues(attributes) AS values, attribute_types AS types, dropped_attributes AS droppedAttributes`;

function idOrNone(column: string, bytes: number): string {
  return `if(${column} = toFixedString('', ${bytes}), '', lower(hex(${column})))`;
}

export interface LogRow {
  readonly timeNs: string;
  readonly block: string;
  readonly row: string;
  readonly observedNs: string;
  readonly receivedSeconds: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly level: number;
  readonly eventName: string;
  readonly body: string;
  readonly bodyType: string;
  readonly service: string;
  readonly agent: string;
  readonly resourceId: string;
  readonly scopeId: string;
  readonly scopeName: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly types: string;
  readonly droppedAttributes: number;
}

export function fromLogRow(row: LogRow): StoredLog {
  const { keys: _keys, values: _values, types: _types, receivedSeconds, ...same } = row;
  return {
    ...same,
    timeNs: BigInt(row.timeNs),
    block: BigInt(row.block),
    row: BigInt(row.row),
    observedNs: BigInt(row.observedNs),
    receivedMs: receivedSeconds * 1000,
    level: levelAt(row.level),
    attributes: attributesOf(row),
  };
}

export function levelAt(place: number): SeverityLevel {
  return SEVERITY_LEVELS[place] ?? 'unset';
}
