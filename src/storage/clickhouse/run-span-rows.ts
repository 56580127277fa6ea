import { GENAI_FLAG } from '../../model/genai-columns.ts';
import type { Sql } from './sql.ts';
import { raw, sql } from './sql.ts';

/** Longer lists of events are passed over: what they say of a run is not worth the reading. */
export const EVENTS_BYTES_MAX = 256 * 1024;
/** One attribute's own text; what is longer was stored apart, but for texts that cannot be. */
export const VALUE_BYTES_MAX = 256 * 1024;
/** Of what a span says went wrong; four bytes to a character at most. */
export const STATUS_CHARACTERS_MAX = 1_024;
const RELEVANT = GENAI_FLAG.runRoot | GENAI_FLAG.modelCall | GENAI_FLAG.aggregate;

/** A span of an agent, a model or a tool. */
export const GENAI_SPAN = raw(`(bitAnd(genai_flags, ${RELEVANT}) != 0 OR tool_name != '')`);

/** A span that a log record stands for. */
export const TOLD_SPAN = raw(`bitAnd(genai_flags, ${GENAI_FLAG.told}) != 0`);

/** The same of a span in memory. */
export function isGenAiSpan(flags: number, toolName: string): boolean {
  return (flags & RELEVANT) !== 0 || toolName !== '';
}

/**
 * The columns of `RunSpans`, under the names and of the types that they have in the table: to answer them in Native
 * format as they are costs the engine least, attributes that nobody asks for included.
 */
export const RUN_SPAN_COLUMNS: Sql = sql`trace_id, span_id, parent_span_id, received, name, kind, flags, start, duration_ns,
  status_code, left(status_message, ${STATUS_CHARACTERS_MAX * 4}) AS status_message, service, resource_id, scope_name, agent,
  operation, request_model, response_model, provider, framework, tool_name, tool_call_id, conversation, user, error_type,
  service_tier, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens,
  reasoning_tokens, reported_cost, genai_flags,
  mapFilter((k, v) -> length(v) <= ${VALUE_BYTES_MAX}, attributes) AS attributes,
  if(length(events) <= ${EVENTS_BYTES_MAX}, events, '') AS events`;
