import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { CountedUsage, UsageSpan } from '../../model/counted-usage.ts';
import { ANSWER_ID_KEYS, countUsage } from '../../model/counted-usage.ts';
import type { TraceSummaryRow } from '../trace-store.ts';
import type { Query } from './query.ts';
import { inChunks } from './query.ts';
import { TOLD_SPAN } from './run-span-rows.ts';
import { tracesPredicate } from './span-predicates.ts';
import { join, raw, sql } from './sql.ts';

/** Spans read at once to count tokens. Of a single trace that needs more, the rest takes no part. */
const USAGE_SPANS_MAX = 100_000;
/** What counts on tools is no usage of a model, and counts that cannot be are not believed. */
const USAGE = raw(`(bitAnd(genai_flags, ${GENAI_FLAG.modelCall | GENAI_FLAG.aggregate}) != 0
  AND bitAnd(genai_flags, ${GENAI_FLAG.tokensInvalid}) = 0 AND (input_tokens IS NOT NULL OR output_tokens IS NOT NULL))`);
/** The first of the keys that the span has. */
const ANSWER_ID = join(
  [...ANSWER_ID_KEYS.map((key) => sql`nullIf(attributes[${key}], '')`), raw("''")],
  ', ',
);
const CALL = raw(`bitAnd(genai_flags, ${GENAI_FLAG.modelCall}) != 0`);

interface SummaryRow {
  readonly traceId: string;
  readonly rootName: string;
  readonly rootService: string;
  readonly rootAgent: string;
  readonly startNs: string;
  readonly endNs: string;
  readonly spanCount: string;
  readonly errorCount: string;
  readonly models: readonly string[];
  readonly inputTokens: string | null;
  readonly outputTokens: string | null;
  /** Whether a call may be told of more than once: by spans below others, side by side, or by a log record too. */
  readonly repeated: number;
}

/** A row per trace, with spans that were stored twice counted once. */
export async function summarizeTraces(
  query: Query,
  project: string,
  traceIds: readonly string[],
): Promise<TraceSummaryRow[]> {
  const rows = await inChunks(traceIds, (ids) =>
    query<SummaryRow>(sql`SELECT lower(hex(trace_id)) AS traceId,
        argMin(name, (child, start, span_id)) AS rootName,
        argMin(service, (child, start, span_id)) AS rootService,
        argMin(agent, (child, start, span_id)) AS rootAgent,
        toUnixTimestamp64Nano(min(start)) AS startNs,
        max(toUnixTimestamp64Nano(start) + greatest(duration_ns, 0)) AS endNs,
        count() AS spanCount, countIf(status_code = 2) AS errorCount,
        arraySort(arrayFilter(model -> model != '',
          groupUniqArray(100)(if(response_model = '', request_model, response_model)))) AS models,
        sumIf(input_tokens, ${USAGE}) AS inputTokens, sumIf(output_tokens, ${USAGE}) AS outputTokens,
        countIf(${USAGE}) > uniqExactIf((input_tokens, output_tokens), ${USAGE})
          OR uniqExactIf(scope_name, ${USAGE}) > 1
          OR (countIf(${TOLD_SPAN}) > 0 AND countIf(NOT ${TOLD_SPAN}) > 0)
          OR notEmpty(arrayIntersect(groupUniqArrayIf(span_id, ${USAGE}), groupUniqArray(parent_span_id))) AS repeated
      FROM (SELECT trace_id, span_id, parent_span_id, parent_span_id != toFixedString('', 8) AS child, name,
          service, agent, start, duration_ns, status_code, request_model, response_model, input_tokens, output_tokens,
          genai_flags, scope_name
        FROM spans WHERE ${tracesPredicate(project, ids)} LIMIT 1 BY trace_id, span_id)
      GROUP BY trace_id`),
  );
  const repeated = rows.filter((row) => row.repeated === 1).map(({ traceId }) => traceId);
  const counted = await countRepeated(query, project, repeated);
  return rows.map((row) => toSummary(row, counted.get(row.traceId)));
}

function toSummary(row: SummaryRow, counted: CountedUsage | undefined): TraceSummaryRow {
  return {
    traceId: row.traceId,
    rootName: row.rootName,
    rootService: row.rootService,
    rootAgent: row.rootAgent,
    startNs: BigInt(row.startNs),
    endNs: BigInt(row.endNs),
    spanCount: Number(row.spanCount),
    errorCount: Number(row.errorCount),
    models: row.models,
    inputTokens: counted === undefined ? toCount(row.inputTokens) : counted.inputTokens,
    outputTokens: counted === undefined ? toCount(row.outputTokens) : counted.outputTokens,
  };
}

interface UsageRow {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly inputTokens: string | null;
  readonly outputTokens: string | null;
  readonly partTokens: string;
  readonly hasUsage: number;
  readonly isCall: number;
  readonly isTold: number;
  readonly scopeName: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly responseId: string;
  readonly startNs: string;
  readonly durationNs: string;
}

/** Needs the spans with usage and those that have spans below them; leaves without usage tell nothing. */
async function countRepeated(
  query: Query,
  project: string,
  traceIds: readonly string[],
): Promise<Map<string, CountedUsage>> {
  if (traceIds.length === 0) return new Map();
  const rows = await inChunks(traceIds, (ids) => {
    const traces = tracesPredicate(project, ids);
    return query<UsageRow>(sql`SELECT lower(hex(trace_id)) AS traceId, hex(span_id) AS spanId,
        if(parent_span_id = toFixedString('', 8), '', hex(parent_span_id)) AS parentSpanId,
        input_tokens AS inputTokens, output_tokens AS outputTokens,
        ifNull(cache_read_tokens, 0) + ifNull(cache_write_tokens, 0) + ifNull(reasoning_tokens, 0) AS partTokens,
        ${USAGE} AS hasUsage, ${CALL} AS isCall,
        ${TOLD_SPAN} AS isTold,
        scope_name AS scopeName, request_model AS requestModel, response_model AS responseModel,
        toUnixTimestamp64Nano(start) AS startNs, duration_ns AS durationNs, coalesce(${ANSWER_ID}) AS responseId
      FROM spans WHERE ${traces} AND (${USAGE} OR span_id IN (SELECT parent_span_id FROM spans WHERE ${traces}))
      LIMIT 1 BY trace_id, span_id LIMIT ${USAGE_SPANS_MAX}`);
  });
  if (rows.length >= USAGE_SPANS_MAX && traceIds.length > 1) {
    const half = Math.ceil(traceIds.length / 2);
    const first = await countRepeated(query, project, traceIds.slice(0, half));
    return new Map([...first, ...(await countRepeated(query, project, traceIds.slice(half)))]);
  }
  const byTrace = new Map(traceIds.map((traceId) => [traceId, [] as UsageRow[]]));
  for (const row of rows) byTrace.get(row.traceId)?.push(row);
  return new Map([...byTrace].map(([traceId, own]) => [traceId, countTrace(own)]));
}

function countTrace(rows: readonly UsageRow[]): CountedUsage {
  const spans: UsageSpan[] = [];
  const parentOf = new Map<string, string>();
  for (const row of rows) {
    const { spanId, parentSpanId, scopeName, requestModel, responseModel, responseId } = row;
    if (row.hasUsage === 0) parentOf.set(spanId, parentSpanId);
    else {
      spans.push({
        spanId,
        parentSpanId,
        inputTokens: toCount(row.inputTokens),
        outputTokens: toCount(row.outputTokens),
        partTokens: Number(row.partTokens),
        modelCall: row.isCall === 1,
        invalid: false,
        told: row.isTold === 1,
        scopeName,
        requestModel,
        responseModel,
        responseId,
        startNs: BigInt(row.startNs),
        durationNs: BigInt(row.durationNs),
      });
    }
  }
  return countUsage(spans, parentOf);
}

function toCount(value: string | null): number | null {
  return value === null ? null : Number(value);
}
