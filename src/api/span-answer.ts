import { z } from 'zod';

import type { AnyValue, TraceSpan } from '../query/trace-query.ts';

/** A span in the field names of OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */

export const anyValue: z.ZodType<AnyValue> = z
  .object({
    stringValue: z.string().exactOptional(),
    boolValue: z.boolean().exactOptional(),
    intValue: z.string().exactOptional(),
    doubleValue: z.union([z.number(), z.string()]).exactOptional(),
    bytesValue: z.string().exactOptional(),
    get arrayValue() {
      return z.object({ values: z.array(anyValue) }).exactOptional();
    },
    get kvlistValue() {
      return z
        .object({ values: z.array(z.object({ key: z.string(), value: anyValue })) })
        .exactOptional();
    },
  })
  .meta({ id: 'AnyValue' });

export const attributes = z.array(z.object({ key: z.string(), value: anyValue })).readonly();

export const resourceAnswer = z.object({
  attributes,
  droppedAttributesCount: z.int(),
  schemaUrl: z.string(),
});

export const scopeAnswer = z.object({
  name: z.string(),
  version: z.string(),
  attributes,
  droppedAttributesCount: z.int(),
  schemaUrl: z.string(),
});

const event = z.object({
  timeUnixNano: z.string(),
  name: z.string(),
  attributes,
  droppedAttributesCount: z.int(),
});

const link = z.object({
  traceId: z.string(),
  spanId: z.string(),
  traceState: z.string(),
  attributes,
  droppedAttributesCount: z.int(),
  flags: z.int(),
});

const genAi = z
  .object({
    agent: z.string().nullable(),
    operation: z.string().nullable(),
    request_model: z.string().nullable(),
    response_model: z.string().nullable(),
    provider: z.string().nullable(),
    input_tokens: z.number().nullable(),
    output_tokens: z.number().nullable(),
    cache_read_tokens: z.number().nullable(),
    cache_write_tokens: z.number().nullable(),
    cache_write_1h_tokens: z.number().nullable(),
    reasoning_tokens: z.number().nullable(),
    tool_name: z.string().nullable(),
    tool_call_id: z.string().nullable(),
    conversation: z.string().nullable(),
    user: z.string().nullable(),
    error_type: z.string().nullable(),
    finish_reasons: z.array(z.string()).readonly(),
    service_tier: z.string().nullable(),
  })
  .meta({ id: 'GenAiSummary' });

export const spanAnswer = z
  .object({
    traceId: z.string(),
    spanId: z.string(),
    parentSpanId: z.string(),
    traceState: z.string(),
    flags: z.int(),
    name: z.string(),
    kind: z.int(),
    startTimeUnixNano: z.string(),
    endTimeUnixNano: z.string(),
    attributes,
    droppedAttributesCount: z.int(),
    events: z.array(event).readonly(),
    droppedEventsCount: z.int(),
    links: z.array(link).readonly(),
    droppedLinksCount: z.int(),
    status: z.object({ code: z.int(), message: z.string() }),
    resource: resourceAnswer,
    scope: scopeAnswer,
    genai: genAi.nullable(),
  })
  .meta({ id: 'Span' }) satisfies z.ZodType<TraceSpan>;
