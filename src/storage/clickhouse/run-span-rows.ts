import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { ContentKeys, RunSpan } from '../run-store.ts';
import type { Sql } from './sql.ts';
import { join, raw, sql } from './sql.ts';

/** Longer lists of events are passed over: what they say of a run is not worth the reading. */
const EVENTS_BYTES_MAX = 256 * 1024;
/** One attribute's own text; what is longer was stored apart, but for texts that cannot be. */
const VALUE_BYTES_MAX = 256 * 1024;
const RELEVANT = GENAI_FLAG.runRoot | GENAI_FLAG.modelCall | GENAI_FLAG.aggregate;
/** OTLP: `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK` and `SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK`. */
const REMOTE = 0x300;

/** A span of an agent, a model or a tool. */
export const GENAI_SPAN = raw(`(bitAnd(genai_flags, ${RELEVANT}) != 0 OR tool_name != '')`);

/** The columns of `fromColumns`, in its order. */
export function runSpanColumns(keys: ContentKeys): Sql {
  const wanted = sql`mapFilter((k, v) -> (k IN ${keys.exact} OR ${prefixed(keys.prefixes)})
    AND length(v) <= ${VALUE_BYTES_MAX}, attributes)`;
  const content = sql`if(${GENAI_SPAN}, ${wanted}, CAST(map(), 'Map(LowCardinality(String), String)'))`;
  return sql`lower(hex(trace_id)), lower(hex(span_id)),
    if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id))), toUnixTimestamp(received), name, kind,
    bitAnd(flags, ${REMOTE}) = ${REMOTE}, toUnixTimestamp64Nano(start), duration_ns, status_code,
    if(status_code = 2, left(status_message, 1024), ''), service, lower(hex(resource_id)), scope_name, agent, operation,
    request_model, response_model, provider, framework, tool_name, tool_call_id, conversation, user, error_type,
    input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, reported_cost, genai_flags,
    service_tier, cache_write_1h_tokens,
    mapKeys(${content} AS content), mapValues(content),
    if(${GENAI_SPAN} AND length(events) <= ${EVENTS_BYTES_MAX}, events, '')`;
}

function prefixed(prefixes: readonly string[]): Sql {
  if (prefixes.length === 0) return raw('0');
  return join(
    prefixes.map((prefix) => sql`startsWith(k, ${prefix})`),
    ' OR ',
  );
}

export function fromColumns(columns: readonly unknown[][]): RunSpan[] {
  const count = columns[0]?.length ?? 0;
  const texts = (index: number): readonly string[] => columns[index] as string[];
  const numbers = (index: number): readonly number[] => columns[index] as number[];
  const lists = (index: number): readonly (readonly string[])[] => columns[index] as string[][];
  const counts = [25, 26, 27, 28, 29, 33].map((index) => columns[index] as (string | null)[]);
  const toCount = (kind: number, row: number): number | null => {
    const value = counts[kind]![row]!;
    return value === null ? null : Number(value);
  };
  const spans: RunSpan[] = [];
  for (let row = 0; row < count; row++) {
    spans.push({
      traceId: texts(0)[row]!,
      spanId: texts(1)[row]!,
      parentSpanId: texts(2)[row]!,
      receivedS: numbers(3)[row]!,
      name: texts(4)[row]!,
      kind: numbers(5)[row]!,
      remoteParent: Boolean(numbers(6)[row]),
      startNs: BigInt(texts(7)[row]!),
      durationNs: BigInt(texts(8)[row]!),
      statusCode: numbers(9)[row]!,
      statusMessage: texts(10)[row]!,
      service: texts(11)[row]!,
      resourceId: texts(12)[row]!,
      scopeName: texts(13)[row]!,
      agent: texts(14)[row]!,
      operation: texts(15)[row]!,
      requestModel: texts(16)[row]!,
      responseModel: texts(17)[row]!,
      provider: texts(18)[row]!,
      framework: texts(19)[row]!,
      toolName: texts(20)[row]!,
      toolCallId: texts(21)[row]!,
      conversation: texts(22)[row]!,
      user: texts(23)[row]!,
      errorType: texts(24)[row]!,
      inputTokens: toCount(0, row),
      outputTokens: toCount(1, row),
      cacheReadTokens: toCount(2, row),
      cacheWriteTokens: toCount(3, row),
      reasoningTokens: toCount(4, row),
      reportedCost: numbers(30)[row] ?? null,
      flags: numbers(31)[row]!,
      serviceTier: texts(32)[row]!,
      cacheWrite1hTokens: toCount(5, row),
      keys: lists(34)[row]!,
      values: lists(35)[row]!,
      events: texts(36)[row]!,
    });
  }
  return spans;
}
