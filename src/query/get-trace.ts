import { AppError } from '../errors.ts';
import type { StoredGenAi, StoredSpan, TraceStore } from '../storage/trace-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { PayloadLookup } from './otlp-value.ts';
import { toKeyValues } from './otlp-value.ts';
import { distinct, hashesIn, readOrigins } from './read-origins.ts';
import type {
  GenAiSummary,
  KeyValue,
  Page,
  PageRequest,
  TraceSpan,
  TraceSpanEvent,
  TraceSpanLink,
} from './trace-query.ts';

/** A page ends before it grows past this; one span alone may be larger. */
const PAGE_BYTES_MAX = 16 * 1024 * 1024;
/** By how much a page shrinks when its rows do not fit the engine's memory. */
const SHRINK = 8;

/** The spans of a trace with their resources, scopes and payloads put back. */
export async function getTrace(
  store: TraceStore,
  project: string,
  traceId: string,
  page: PageRequest & { readonly spanIds?: readonly string[] | undefined },
): Promise<Page<TraceSpan> | undefined> {
  const after = page.cursor === undefined ? undefined : positionOf(page.cursor);
  const { limit, spanIds } = page;
  const stored = await listSpans(store, project, traceId, { after, limit, spanIds });
  if (stored.rows.length === 0 && after === undefined) return undefined;
  const rows = await cutToSize(store, project, stored.rows);
  const spans = await complete(store, project, rows);
  const last = rows.at(-1);
  const more = last !== undefined && (stored.more || rows.length < stored.rows.length);
  return {
    rows: spans,
    nextCursor: more ? encodeCursor([String(last.startNs), last.spanId]) : null,
  };
}

/** Fewer rows than asked for when so many do not fit the memory of a query: spans may be megabytes each. */
async function listSpans(
  store: TraceStore,
  project: string,
  traceId: string,
  query: {
    readonly after: ReturnType<typeof positionOf> | undefined;
    readonly limit: number;
    readonly spanIds: readonly string[] | undefined;
  },
): Promise<{ rows: readonly StoredSpan[]; more: boolean }> {
  for (let { limit } = query; ; limit = Math.ceil(limit / SHRINK)) {
    try {
      const found = await store.listSpans(project, traceId, { ...query, limit: limit + 1 });
      return { rows: found.slice(0, limit), more: found.length > limit };
    } catch (error) {
      const tooMuch = error instanceof AppError && error.code === 'STORAGE_UNAVAILABLE';
      if (!tooMuch || limit === 1) throw error;
    }
  }
}

/** As many rows as fit a page with their payloads, at least one. */
async function cutToSize(
  store: TraceStore,
  project: string,
  rows: readonly StoredSpan[],
): Promise<readonly StoredSpan[]> {
  const hashes = distinct(rows.flatMap(({ attributes }) => hashesIn(attributes)));
  const sizes = hashes.length === 0 ? new Map() : await store.getPayloadSizes(project, hashes);
  let bytes = 0;
  const end = rows.findIndex((row, index) => {
    for (const hash of hashesIn(row.attributes)) bytes += sizes.get(hash) ?? 0;
    for (const value of row.attributes.values) bytes += value.length;
    bytes += row.events.length + row.links.length;
    return index > 0 && bytes > PAGE_BYTES_MAX;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

async function complete(
  store: TraceStore,
  project: string,
  rows: readonly StoredSpan[],
): Promise<TraceSpan[]> {
  const hashes = rows.flatMap(({ attributes }) => hashesIn(attributes));
  const { resourceOf, scopeOf, lookup } = await readOrigins(store, project, rows, hashes);
  return rows.map((row) => ({
    ...toSpan(row, lookup),
    resource: resourceOf(row),
    scope: scopeOf(row),
  }));
}

function toSpan(row: StoredSpan, lookup: PayloadLookup): Omit<TraceSpan, 'resource' | 'scope'> {
  return {
    traceId: row.traceId,
    spanId: row.spanId,
    parentSpanId: row.parentSpanId,
    traceState: row.traceState,
    flags: row.flags,
    name: row.name,
    kind: row.kind,
    startTimeUnixNano: String(row.startNs),
    endTimeUnixNano: String(row.startNs + row.durationNs),
    attributes: toKeyValues(row.attributes, lookup),
    droppedAttributesCount: row.droppedAttributes,
    events: toEvents(row.events),
    droppedEventsCount: row.droppedEvents,
    links: toLinks(row.links),
    droppedLinksCount: row.droppedLinks,
    status: { code: row.statusCode, message: row.statusMessage },
    genai: toGenAi(row.genai),
  };
}

interface LooseItem {
  readonly attributes?: readonly KeyValue[];
  readonly droppedAttributesCount?: number;
}

function toEvents(json: string): TraceSpanEvent[] {
  return parseItems<LooseItem & { timeUnixNano: string; name: string }>(json).map((event) => ({
    timeUnixNano: event.timeUnixNano,
    name: event.name,
    attributes: event.attributes ?? [],
    droppedAttributesCount: event.droppedAttributesCount ?? 0,
  }));
}

function toLinks(json: string): TraceSpanLink[] {
  return parseItems<
    LooseItem & { traceId: string; spanId: string; traceState?: string; flags?: number }
  >(json).map((link) => ({
    traceId: link.traceId,
    spanId: link.spanId,
    traceState: link.traceState ?? '',
    attributes: link.attributes ?? [],
    droppedAttributesCount: link.droppedAttributesCount ?? 0,
    flags: link.flags ?? 0,
  }));
}

/** A number -0 would be lost when the answer is written as JSON; in a string literal the pattern's quotes are escaped. */
function parseItems<Item>(json: string): Item[] {
  if (json === '') return [];
  return JSON.parse(json.replaceAll('"doubleValue":-0}', '"doubleValue":"-0"}')) as Item[];
}

function toGenAi(view: StoredGenAi): GenAiSummary | null {
  const known = (text: string): string | null => (text === '' ? null : text);
  if (view.operation === '' && view.dialect === '') return null;
  return {
    agent: known(view.agent),
    operation: known(view.operation),
    request_model: known(view.requestModel),
    response_model: known(view.responseModel),
    provider: known(view.provider),
    input_tokens: view.inputTokens,
    output_tokens: view.outputTokens,
    cache_read_tokens: view.cacheReadTokens,
    cache_write_tokens: view.cacheWriteTokens,
    cache_write_1h_tokens: view.cacheWrite1hTokens,
    reasoning_tokens: view.reasoningTokens,
    tool_name: known(view.toolName),
    tool_call_id: known(view.toolCallId),
    conversation: known(view.conversation),
    user: known(view.user),
    error_type: known(view.errorType),
    finish_reasons: view.finishReasons === '' ? [] : view.finishReasons.split(','),
    service_tier: known(view.serviceTier),
  };
}

function positionOf(cursor: string): { startNs: bigint; spanId: string } {
  const [start, spanId] = decodeCursor(cursor, 2);
  if (!/^-?\d{1,19}$/.test(String(start)) || !/^[0-9a-f]{16}$/.test(String(spanId))) {
    throw new AppError(
      'VALIDATION_ERROR',
      'the cursor is not one of ours; send meta.next_cursor as it was answered',
    );
  }
  return { startNs: BigInt(String(start)), spanId: String(spanId) };
}
