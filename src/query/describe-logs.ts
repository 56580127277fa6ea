import type { LogStore, StoredLog } from '../storage/log-store.ts';
import type { TraceStore } from '../storage/trace-store.ts';
import { distinct, hashesIn, readOrigins } from './read-origins.ts';
import { idOf } from './log-id.ts';
import type { LogDetail, LogRecord } from './log-query.ts';
import type { PayloadLookup } from './otlp-value.ts';
import { toAnyValue, toKeyValues } from './otlp-value.ts';

/** A page ends before it grows past this; one record alone may be larger. */
const PAGE_BYTES_MAX = 8 * 1024 * 1024;

/** As many of the records as fit a page, larger values cut; `taken` says how many those are. */
export async function describeLogs(
  store: LogStore,
  project: string,
  rows: readonly StoredLog[],
  { shownBytes }: { readonly shownBytes: number },
): Promise<{ readonly rows: readonly LogRecord[]; readonly taken: number }> {
  const hashes = distinct(rows.flatMap(hashesOf));
  const mostBytes = Math.min(shownBytes, PAGE_BYTES_MAX);
  const starts = await store.getPayloadStarts(project, hashes, mostBytes + 1);
  const isCut = (hash: string): boolean => Buffer.byteLength(starts.get(hash) ?? '') > mostBytes;
  const shown = new Map(
    [...starts].map(([hash, text]) => [hash, isCut(hash) ? `${text.slice(0, mostBytes)}…` : text]),
  );
  const described: LogRecord[] = [];
  let bytes = 0;
  for (const row of rows) {
    const own = hashesOf(row);
    for (const hash of own) bytes += shown.get(hash)?.length ?? 0;
    for (const value of row.attributes.values) bytes += value.length;
    bytes += row.body.length;
    if (described.length > 0 && bytes > PAGE_BYTES_MAX) break;
    described.push(toRecord(row, (hash) => shown.get(hash), own.some(isCut)));
  }
  return { rows: described, taken: described.length };
}

/** The record with all that it refers to. */
export async function readLog(
  store: Pick<TraceStore, 'getResources' | 'getScopes' | 'getPayloads'>,
  project: string,
  row: StoredLog,
): Promise<LogDetail> {
  const { resourceOf, scopeOf, lookup } = await readOrigins(store, project, [row], hashesOf(row));
  return {
    ...toRecord(row, lookup, false),
    receivedMs: row.receivedMs,
    resource: resourceOf(row),
    scope: scopeOf(row),
  };
}

function hashesOf(row: StoredLog): string[] {
  const body = { keys: [], values: [row.body], types: row.bodyType };
  return [...hashesIn(body), ...hashesIn(row.attributes)];
}

function toRecord(row: StoredLog, lookup: PayloadLookup, truncated: boolean): LogRecord {
  const known = (text: string): string | null => (text === '' ? null : text);
  return {
    id: idOf(row),
    timeUnixNano: String(row.timeNs),
    observedTimeUnixNano: String(row.observedNs),
    traceId: row.traceId,
    spanId: row.spanId,
    flags: row.flags,
    severityNumber: row.severityNumber,
    severityText: row.severityText,
    level: row.level,
    eventName: row.eventName,
    body: toAnyValue(row.bodyType, row.body, lookup),
    attributes: toKeyValues(row.attributes, lookup),
    droppedAttributesCount: row.droppedAttributes,
    service: known(row.service),
    agent: known(row.agent),
    scopeName: known(row.scopeName),
    truncated,
  };
}
