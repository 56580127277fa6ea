import { AppError } from '../errors.ts';
import type {
  SpanCondition,
  TimeRange,
  TracePosition,
  TraceStore,
  TraceSummaryRow,
} from '../storage/trace-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Page, PageRequest, TraceFilter, TraceSummary } from './trace-query.ts';

/** Candidates looked at in one step, and steps in one page: a page may come back short and be continued. */
const CANDIDATES = 200;
const STEPS_MAX = 20;

/**
 * Traces that fit, each at its newest span that fits the leading condition, newest first. Candidates come
 * from that one condition in order; the others are checked for a batch of candidates at a time.
 */
export async function findTraces(
  store: TraceStore,
  project: string,
  filter: TraceFilter,
  page: PageRequest,
): Promise<Page<TraceSummary>> {
  const range = rangeOf(filter);
  const [first, ...others] = conditionsOf(filter);
  const found: TracePosition[] = [];
  let from = page.cursor === undefined ? undefined : positionOf(page.cursor);
  let exhausted = false;
  for (let step = 0; step < STEPS_MAX && found.length < page.limit && !exhausted; step++) {
    const limit = others.length === 0 ? page.limit - found.length + 1 : CANDIDATES;
    const candidates = await store.findTraces(project, { range, condition: first, from, limit });
    exhausted = candidates.length < limit;
    const fitting = await keepFitting(candidates);
    for (const candidate of candidates) {
      if (found.length === page.limit) {
        exhausted = false;
        break;
      }
      from = candidate;
      if (fitting.has(candidate.traceId)) found.push(candidate);
    }
  }
  const summaries = await store.summarizeTraces(
    project,
    found.map(({ traceId }) => traceId),
  );
  const byId = new Map(summaries.map((row) => [row.traceId, row]));
  const rows = found.flatMap(({ traceId }) => byId.get(traceId) ?? []).map(toSummary);
  return { rows, nextCursor: exhausted || from === undefined ? null : cursorOf(from) };

  /** A candidate whose newest fitting span lies before this page was on an earlier one. */
  async function keepFitting(candidates: readonly TracePosition[]): Promise<ReadonlySet<string>> {
    const plain = others.length === 0 && first?.kind !== 'no_error';
    if (plain && page.cursor === undefined && found.length === 0) {
      return new Set(candidates.map(({ traceId }) => traceId));
    }
    const newest = new Map(candidates.map(({ traceId, startNs }) => [traceId, startNs]));
    const matched = await store.matchTraces(project, [...newest.keys()], { range, first, others });
    return new Set(
      matched
        .filter(({ traceId, startNs }) => newest.get(traceId) === startNs)
        .map(({ traceId }) => traceId),
    );
  }
}

/** The most telling condition leads: it decides how many candidates there are. */
function conditionsOf(filter: TraceFilter): [SpanCondition | undefined, ...SpanCondition[]] {
  const conditions: SpanCondition[] = [];
  for (const { key, value } of filter.attributes ?? [])
    conditions.push({ kind: 'attribute', key, value });
  if (filter.text !== undefined) conditions.push({ kind: 'text', value: filter.text });
  if (filter.model !== undefined) conditions.push({ kind: 'model', value: filter.model });
  if (filter.agent !== undefined) conditions.push({ kind: 'agent', value: filter.agent });
  if (filter.service !== undefined) conditions.push({ kind: 'service', value: filter.service });
  if (filter.status === 'error') conditions.push({ kind: 'error' });
  if (filter.durationNsMin !== undefined || filter.durationNsMax !== undefined) {
    conditions.push({ kind: 'duration', minNs: filter.durationNsMin, maxNs: filter.durationNsMax });
  }
  if (filter.status === 'ok') conditions.push({ kind: 'no_error' });
  return [conditions[0], ...conditions.slice(1)];
}

function rangeOf(filter: TraceFilter): TimeRange {
  const toNs = (ms: number | undefined): bigint | undefined =>
    ms === undefined ? undefined : BigInt(Math.floor(ms)) * 1_000_000n;
  return { fromNs: toNs(filter.fromMs), toNs: toNs(filter.toMs) };
}

function toSummary(row: TraceSummaryRow): TraceSummary {
  const known = (text: string): string | null => (text === '' ? null : text);
  return {
    traceId: row.traceId,
    rootName: known(row.rootName),
    service: known(row.rootService),
    agent: known(row.rootAgent),
    startUnixNano: String(row.startNs),
    durationNs: String(row.endNs - row.startNs),
    spanCount: row.spanCount,
    errorCount: row.errorCount,
    status: row.errorCount > 0 ? 'error' : 'ok',
    models: row.models,
    inputTokens: row.inputTokens,
    outputTokens: row.outputTokens,
  };
}

function cursorOf(position: TracePosition): string {
  return encodeCursor([String(position.startNs), position.traceId]);
}

function positionOf(cursor: string): TracePosition {
  const [start, traceId] = decodeCursor(cursor, 2);
  if (!/^-?\d{1,19}$/.test(String(start)) || !/^[0-9a-f]{32}$/.test(String(traceId))) {
    throw new AppError(
      'VALIDATION_ERROR',
      'the cursor is not one of ours; send meta.next_cursor as it was answered',
    );
  }
  return { startNs: BigInt(String(start)), traceId: String(traceId) };
}
