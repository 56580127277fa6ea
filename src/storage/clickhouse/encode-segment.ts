import type { GenAiColumns } from '../../model/genai-columns.ts';
import type { LogColumns } from '../../model/log-columns.ts';
import type { MetricColumns } from '../../model/metric-columns.ts';
import type { OriginColumns } from '../../model/origin-columns.ts';
import type { PayloadColumns } from '../../model/payload-columns.ts';
import type { SpanColumns } from '../../model/span-columns.ts';
import type { TelemetryColumns } from '../../model/telemetry-columns.ts';
import { NativeBlock } from './native-block.ts';

/** One table's share of a segment. */
export interface EncodedTable {
  readonly table: string;
  readonly rows: number;
  /** Refers to the columns' memory: to be written before the columns change. */
  readonly chunks: readonly Buffer[];
}

/**
 * Encodes a segment for insertion: a block per table that has rows. What rows refer to comes first, so
 * that no reader sees a span whose resource is not there yet.
 */
export function encodeSegment(columns: TelemetryColumns, receivedAtMs: number): EncodedTable[] {
  const received = Math.floor(receivedAtMs / 1000);
  return [
    encodePayloads(columns.payloads, received),
    encodeOrigins('resources', columns.resources, received),
    encodeOrigins('scopes', columns.scopes, received),
    encodeSpans(columns.spans, received),
    encodeLogs(columns.logs, received),
    encodeMetrics(columns.metrics, received),
  ].filter((table) => table.rows > 0);
}

const DATE_TIME = "DateTime('UTC')";
const DATE_TIME_64 = "DateTime64(9, 'UTC')";
const ID_16 = 'FixedString(16)';
const ID_8 = 'FixedString(8)';
const METRIC_TYPE_ENUM =
  "Enum8('gauge' = 5, 'sum' = 7, 'histogram' = 9, 'exponential_histogram' = 10, 'summary' = 11)";

function encodePayloads(payloads: PayloadColumns, received: number): EncodedTable {
  const block = new NativeBlock(payloads.count);
  block.lowCardinality('project', payloads.projects);
  block.constant32('received', DATE_TIME, received);
  block.fixed('hash', ID_16, payloads.hashes.view());
  block.strings('content', payloads.contents);
  return { table: 'payloads', rows: payloads.count, chunks: block.finish() };
}

function encodeOrigins(table: string, origins: OriginColumns, received: number): EncodedTable {
  const block = new NativeBlock(origins.count);
  block.lowCardinality('project', origins.projects);
  block.constant32('received', DATE_TIME, received);
  block.fixed('id', ID_16, origins.ids.view());
  block.lowCardinality('name', origins.names);
  block.lowCardinality('version', origins.versions);
  block.lowCardinality('schema_url', origins.schemaUrls);
  block.map('attributes', origins.attributes);
  block.lowCardinality('attribute_types', origins.attributes.types);
  block.fixed('dropped_attributes', 'UInt32', origins.droppedAttributes.view());
  block.expanded('entity_refs', origins.entityRefs);
  return { table, rows: origins.count, chunks: block.finish() };
}

function encodeSpans(spans: SpanColumns, received: number): EncodedTable {
  const block = new NativeBlock(spans.count);
  block.lowCardinality('project', spans.project);
  block.constant32('received', DATE_TIME, received);
  block.fixed('trace_id', ID_16, spans.traceId.view());
  block.fixed('span_id', ID_8, spans.spanId.view());
  block.fixed('parent_span_id', ID_8, spans.parentSpanId.view());
  block.strings('trace_state', spans.traceState);
  block.fixed('flags', 'UInt32', spans.flags.view());
  block.lowCardinality('name', spans.name);
  block.fixed('kind', 'UInt8', spans.kind.view());
  block.fixed('start', DATE_TIME_64, spans.start.view());
  block.fixed('duration_ns', 'Int64', durations(spans));
  block.fixed('status_code', 'UInt8', spans.statusCode.view());
  block.strings('status_message', spans.statusMessage);
  block.lowCardinality('service', spans.service);
  block.fixed('resource_id', ID_16, spans.resourceId.view());
  block.fixed('scope_id', ID_16, spans.scopeId.view());
  block.lowCardinality('scope_name', spans.scopeName);
  block.map('attributes', spans.attributes);
  block.lowCardinality('attribute_types', spans.attributes.types);
  block.fixed('dropped_attributes', 'UInt32', spans.droppedAttributes.view());
  block.strings('events', spans.events);
  block.fixed('dropped_events', 'UInt32', spans.droppedEvents.view());
  block.strings('links', spans.links);
  block.fixed('dropped_links', 'UInt32', spans.droppedLinks.view());
  encodeGenAi(block, spans.genai);
  return { table: 'spans', rows: spans.count, chunks: block.finish() };
}

function encodeGenAi(block: NativeBlock, view: GenAiColumns): void {
  block.lowCardinality('agent', view.agent);
  block.lowCardinality('operation', view.operation);
  block.lowCardinality('request_model', view.requestModel);
  block.lowCardinality('response_model', view.responseModel);
  block.lowCardinality('provider', view.provider);
  block.lowCardinality('framework', view.framework);
  block.lowCardinality('dialect', view.dialect);
  block.lowCardinality('tool_name', view.toolName);
  block.strings('tool_call_id', view.toolCallId);
  block.strings('conversation', view.conversation);
  block.strings('user', view.user);
  block.lowCardinality('error_type', view.errorType);
  block.lowCardinality('finish_reasons', view.finishReasons);
  block.lowCardinality('service_tier', view.serviceTier);
  block.nullable('input_tokens', 'UInt64', view.inputTokens);
  block.nullable('output_tokens', 'UInt64', view.outputTokens);
  block.nullable('cache_read_tokens', 'UInt64', view.cacheReadTokens);
  block.nullable('cache_write_tokens', 'UInt64', view.cacheWriteTokens);
  block.nullable('cache_write_1h_tokens', 'UInt64', view.cacheWrite1hTokens);
  block.nullable('reasoning_tokens', 'UInt64', view.reasoningTokens);
  block.nullable('reported_cost', 'Float64', view.reportedCost);
  block.fixed('genai_flags', 'UInt8', view.flags.view());
}

/** End minus start of every span; 64 bits, signed, by halves. */
function durations(spans: SpanColumns): Buffer {
  const bytes = Buffer.allocUnsafe(spans.count * 8);
  const start = spans.start.bytes;
  const end = spans.end.bytes;
  for (let at = 0; at < bytes.length; at += 8) {
    const low = end.readUInt32LE(at) - start.readUInt32LE(at);
    const high = end.readUInt32LE(at + 4) - start.readUInt32LE(at + 4) - (low < 0 ? 1 : 0);
    bytes.writeUInt32LE(low >>> 0, at);
    bytes.writeUInt32LE(high >>> 0, at + 4);
  }
  return bytes;
}

function encodeLogs(logs: LogColumns, received: number): EncodedTable {
  const block = new NativeBlock(logs.count);
  block.lowCardinality('project', logs.project);
  block.constant32('received', DATE_TIME, received);
  block.fixed('time', DATE_TIME_64, logs.time.view());
  block.fixed('observed_time', DATE_TIME_64, logs.observedTime.view());
  block.fixed('trace_id', ID_16, logs.traceId.view());
  block.fixed('span_id', ID_8, logs.spanId.view());
  block.fixed('flags', 'UInt32', logs.flags.view());
  block.fixed('severity_number', 'UInt8', logs.severityNumber.view());
  block.lowCardinality('severity_text', logs.severityText);
  block.lowCardinality('event_name', logs.eventName);
  block.strings('body', logs.body);
  block.lowCardinality('body_type', logs.bodyType);
  block.lowCardinality('service', logs.service);
  block.lowCardinality('agent', logs.agent);
  block.fixed('resource_id', ID_16, logs.resourceId.view());
  block.fixed('scope_id', ID_16, logs.scopeId.view());
  block.lowCardinality('scope_name', logs.scopeName);
  block.map('attributes', logs.attributes);
  block.lowCardinality('attribute_types', logs.attributes.types);
  block.fixed('dropped_attributes', 'UInt32', logs.droppedAttributes.view());
  return { table: 'log_records', rows: logs.count, chunks: block.finish() };
}

function encodeMetrics(metrics: MetricColumns, received: number): EncodedTable {
  const block = new NativeBlock(metrics.count);
  block.lowCardinality('project', metrics.project);
  block.constant32('received', DATE_TIME, received);
  block.lowCardinality('name', metrics.name);
  block.lowCardinality('description', metrics.description);
  block.lowCardinality('unit', metrics.unit);
  block.lowCardinality('metadata', metrics.metadata);
  block.fixed('type', METRIC_TYPE_ENUM, metrics.type.view());
  block.fixed('temporality', 'UInt8', metrics.temporality.view());
  block.fixed('monotonic', 'UInt8', metrics.monotonic.view());
  block.fixed('start', DATE_TIME_64, metrics.start.view());
  block.fixed('time', DATE_TIME_64, metrics.time.view());
  block.fixed('flags', 'UInt32', metrics.flags.view());
  block.nullable('value', 'Float64', metrics.value);
  block.nullable('int_value', 'Int64', metrics.intValue);
  block.fixed('count', 'UInt64', metrics.pointCount.view());
  block.nullable('sum', 'Float64', metrics.sum);
  block.nullable('min', 'Float64', metrics.min);
  block.nullable('max', 'Float64', metrics.max);
  block.list('bucket_counts', 'UInt64', metrics.bucketCounts);
  block.list('explicit_bounds', 'Float64', metrics.explicitBounds);
  block.fixed('scale', 'Int32', metrics.scale.view());
  block.fixed('zero_count', 'UInt64', metrics.zeroCount.view());
  block.fixed('zero_threshold', 'Float64', metrics.zeroThreshold.view());
  block.fixed('positive_offset', 'Int32', metrics.positiveOffset.view());
  block.list('positive_counts', 'UInt64', metrics.positiveCounts);
  block.fixed('negative_offset', 'Int32', metrics.negativeOffset.view());
  block.list('negative_counts', 'UInt64', metrics.negativeCounts);
  block.list('quantiles', 'Float64', metrics.quantiles);
  block.list('quantile_values', 'Float64', metrics.quantileValues);
  block.strings('exemplars', metrics.exemplars);
  block.fixed('stream_id', ID_16, metrics.streamId.view());
  block.lowCardinality('service', metrics.service);
  block.fixed('resource_id', ID_16, metrics.resourceId.view());
  block.fixed('scope_id', ID_16, metrics.scopeId.view());
  block.lowCardinality('scope_name', metrics.scopeName);
  block.map('attributes', metrics.attributes);
  block.lowCardinality('attribute_types', metrics.attributes.types);
  return { table: 'metric_points', rows: metrics.count, chunks: block.finish() };
}
