import type { StoredAttributes, StoredOrigin, StoredSpan } from '../trace-store.ts';

/** Rows as the engine answers them: 64-bit numbers are decimal strings, ids lower-case hex. */

export const SPAN_COLUMNS = `lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId,
  if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id))) AS parentSpanId,
  trace_state AS traceState, flags, name, kind, toUnixTimestamp64Nano(start) AS startNs,
  duration_ns AS durationNs, status_code AS statusCode, status_message AS statusMessage,
  lower(hex(resource_id)) AS resourceId, lower(hex(scope_id)) AS scopeId,
  mapKeys(attributes) AS keys, mapValues(attributes) AS values, attribute_types AS types,
  dropped_attributes AS droppedAttributes, events, dropped_events AS droppedEvents,
  links, dropped_links AS droppedLinks,
  agent, operation, request_model AS requestModel, response_model AS responseModel, provider, framework,
  dialect, tool_name AS toolName, tool_call_id AS toolCallId, conversation, user, error_type AS errorType,
  finish_reasons AS finishReasons, service_tier AS serviceTier, input_tokens AS inputTokens, output_tokens AS outputTokens,
  cache_read_tokens AS cacheReadTokens, cache_write_tokens AS cacheWriteTokens,
  cache_write_1h_tokens AS cacheWrite1hTokens, reasoning_tokens AS reasoningTokens, reported_cost AS reportedCost, genai_flags AS genaiFlags`;

type Count = string | null;

export interface SpanRow {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  readonly startNs: string;
  readonly durationNs: string;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly resourceId: string;
  readonly scopeId: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly types: string;
  readonly droppedAttributes: number;
  readonly events: string;
  readonly droppedEvents: number;
  readonly links: string;
  readonly droppedLinks: number;
  readonly agent: string;
  readonly operation: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly provider: string;
  readonly framework: string;
  readonly dialect: string;
  readonly toolName: string;
  readonly toolCallId: string;
  readonly conversation: string;
  readonly user: string;
  readonly errorType: string;
  readonly finishReasons: string;
  readonly serviceTier: string;
  readonly inputTokens: Count;
  readonly outputTokens: Count;
  readonly cacheReadTokens: Count;
  readonly cacheWriteTokens: Count;
  readonly cacheWrite1hTokens: Count;
  readonly reasoningTokens: Count;
  readonly reportedCost: number | null;
  readonly genaiFlags: number;
}

export function fromSpanRow(row: SpanRow): StoredSpan {
  return {
    traceId: row.traceId,
    spanId: row.spanId,
    parentSpanId: row.parentSpanId,
    traceState: row.traceState,
    flags: row.flags,
    name: row.name,
    kind: row.kind,
    startNs: BigInt(row.startNs),
    durationNs: BigInt(row.durationNs),
    statusCode: row.statusCode,
    statusMessage: row.statusMessage,
    resourceId: row.resourceId,
    scopeId: row.scopeId,
    attributes: attributesOf(row),
    droppedAttributes: row.droppedAttributes,
    events: row.events,
    droppedEvents: row.droppedEvents,
    links: row.links,
    droppedLinks: row.droppedLinks,
    genai: {
      agent: row.agent,
      operation: row.operation,
      requestModel: row.requestModel,
      responseModel: row.responseModel,
      provider: row.provider,
      framework: row.framework,
      dialect: row.dialect,
      toolName: row.toolName,
      toolCallId: row.toolCallId,
      conversation: row.conversation,
      user: row.user,
      errorType: row.errorType,
      finishReasons: row.finishReasons,
      serviceTier: row.serviceTier,
      inputTokens: toCount(row.inputTokens),
      outputTokens: toCount(row.outputTokens),
      cacheReadTokens: toCount(row.cacheReadTokens),
      cacheWriteTokens: toCount(row.cacheWriteTokens),
      cacheWrite1hTokens: toCount(row.cacheWrite1hTokens),
      reasoningTokens: toCount(row.reasoningTokens),
      reportedCost: row.reportedCost,
      flags: row.genaiFlags,
    },
  };
}

export const ORIGIN_COLUMNS = `lower(hex(id)) AS originId, argMax(name, received) AS originName,
  argMax(version, received) AS originVersion, argMax(schema_url, received) AS schemaUrl,
  argMax(mapKeys(attributes), received) AS keys, argMax(mapValues(attributes), received) AS values,
  argMax(attribute_types, received) AS types, argMax(dropped_attributes, received) AS droppedAttributes`;

export interface OriginRow {
  readonly originId: string;
  readonly originName: string;
  readonly originVersion: string;
  readonly schemaUrl: string;
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly types: string;
  readonly droppedAttributes: number;
}

export function fromOriginRow(row: OriginRow): StoredOrigin {
  return {
    id: row.originId,
    name: row.originName,
    version: row.originVersion,
    schemaUrl: row.schemaUrl,
    attributes: attributesOf(row),
    droppedAttributes: row.droppedAttributes,
  };
}

export function attributesOf(row: {
  keys: readonly string[];
  values: readonly string[];
  types: string;
}): StoredAttributes {
  return { keys: row.keys, values: row.values, types: row.types };
}

function toCount(value: Count): number | null {
  return value === null ? null : Number(value);
}
