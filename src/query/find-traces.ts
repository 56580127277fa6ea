import { AppError } from '../errors.ts';
import type {
  SpanCondition,
  TimeRange,
  TracePosition,
  TraceStore,
  TraceSummaryRow,
} from '../storage/trace-store.ts';
import { SPAN_FIELDS } from '../storage/trace-store.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Page, PageRequest, TraceFilter, TraceSummary } from './trace-query.ts';

/** Searches in one page: it may come back short, even empty, and be continued. */
const STEPS_MAX = 20;
/** Candidates held against the other conditions at once. */
const BATCH = 200;
/** Traces that a search passes over because the page has dealt with them: it would not get past a long one else. */
const EXCEPT_MAX = 500;

/**
 * Traces that fit, page by page in the order of the newest span that fits the leading condition, newest first; a
 * page's own rows in the order of their starts. Candidates come from
 * that one condition in order; a batch of them at a time is held against the others.
 */
export async function findTraces(
  store: TraceStore,
  project: string,
  filter: TraceFilter,
  page: PageRequest,
): Promise<Page<TraceSummary>> {
  const range = rangeOf(filter);
  const [condition, ...others] = conditionsOf(filter);
  const found: TracePosition[] = [];
  const dealtWith = new Set<string>();
  let from = page.cursor === undefined ? undefined : positionOf(page.cursor);
  for (let step = 0; step < STEPS_MAX; step++) {
    const except = [...dealtWith].slice(-EXCEPT_MAX);
    const { traces, next } = await store.findTraces(project, { range, condition, from, except });
    for (let at = 0; at < traces.length; at += BATCH) {
      const batch = traces.slice(at, at + BATCH);
      const fitting = await keepFitting(batch);
      for (const candidate of batch) {
        if (found.length === page.limit) return await answer(from);
        from = candidate;
        if (fitting.has(candidate.traceId)) found.push(candidate);
        dealtWith.add(candidate.traceId);
      }
    }
    if (next === undefined) return await answer(undefined);
    from = next;
    if (found.length === page.limit) break;
  }
  return await answer(from);

  /** A candidate whose newest fitting span lies before this page was on an earlier one. */
  async function keepFitting(batch: readonly TracePosition[]): Promise<ReadonlySet<string>> {
    const fresh = batch.filter(({ traceId }) => !dealtWith.has(traceId));
    const plain = others.length === 0 && condition?.kind !== 'no_error';
    if (plain && page.cursor === undefined) return new Set(fresh.map(({ traceId }) => traceId));
    const newest = new Map(fresh.map(({ traceId, startNs }) => [traceId, startNs]));
    const query = { range, first: condition, others };
    const matched = await store.matchTraces(project, [...newest.keys()], query);
    const fitting = matched.filter(({ traceId, startNs }) => newest.get(traceId) === startNs);
    return new Set(fitting.map(({ traceId }) => traceId));
  }

  async function answer(last: TracePosition | undefined): Promise<Page<TraceSummary>> {
    const ids = found.map(({ traceId }) => traceId);
    const summaries = await store.summarizeTraces(project, ids);
    const byId = new Map(summaries.map((row) => [row.traceId, row]));
    const rows = ids.flatMap((id) => byId.get(id) ?? []).toSorted(laterStartFirst);
    return { rows: rows.map(toSummary), nextCursor: last === undefined ? null : cursorOf(last) };
  }
}

function laterStartFirst(one: TraceSummaryRow, other: TraceSummaryRow): number {
  if (one.startNs === other.startNs) return 0;
  return one.startNs < other.startNs ? 1 : -1;
}

/** The most telling condition leads: it decides how many candidates there are. */
export function conditionsOf(filter: TraceFilter): [SpanCondition | undefined, ...SpanCondition[]] {
  const conditions: SpanCondition[] = [];
  for (const { key, value } of filter.attributes ?? [])
    conditions.push({ kind: 'attribute', key, value });
  if (filter.text !== undefined) conditions.push({ kind: 'text', value: filter.text });
  for (const field of SPAN_FIELDS) {
    const values = [filter[field] ?? []].flat();
    if (values.length > 0) conditions.push({ kind: 'field', field, values });
  }
  if (filter.status === 'error') conditions.push({ kind: 'error' });
  if (filter.durationNsMin !== undefined || filter.durationNsMax !== undefined) {
    conditions.push({ kind: 'duration', minNs: filter.durationNsMin, maxNs: filter.durationNsMax });
  }
  if (filter.status === 'ok') conditions.push({ kind: 'no_error' });
  return [conditions[0], ...conditions.slice(1)];
}

export function rangeOf(filter: Pick<TraceFilter, 'fromMs' | 'toMs'>): TimeRange {
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
