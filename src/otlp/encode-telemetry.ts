import type {
  Attributes,
  AttributeValue,
  Gauge,
  OutgoingOrigin,
  OutgoingSpan,
  SpanBatch,
} from '../model/outgoing-telemetry.ts';

/**
 * Outgoing telemetry as OTLP/JSON: ids in hex, 64-bit numbers as decimal strings, enums as numbers.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */

export const INT64_MAX = (1n << 63n) - 1n;

function encodeValue(value: AttributeValue): object {
  // A lone half of a surrogate pair is no text that could be sent.
  if (typeof value === 'string') return { stringValue: value.replaceAll(/\p{Cs}/gu, '\uFFFD') };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') {
    return value <= INT64_MAX ? { intValue: String(value) } : { stringValue: String(value) };
  }
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return { intValue: String(value) };
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  if (isArray(value)) return { arrayValue: { values: value.map(encodeValue) } };
  return { kvlistValue: { values: encodeAttributes(value) } };
}

const isArray = (value: AttributeValue): value is readonly AttributeValue[] => Array.isArray(value);

export function encodeAttributes(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: encodeValue(value) }],
  );
}

function encodeOrigin({ resource, schemaUrl }: OutgoingOrigin): object {
  return {
    resource: { attributes: encodeAttributes(resource) },
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  };
}

function encodeSpan(span: OutgoingSpan): object {
  const { code, message } = span.status;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === '' ? {} : { parentSpanId: span.parentSpanId }),
    // The parent, where there is one, is of this process.
    flags: 0x101,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    attributes: encodeAttributes(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: String(event.timeNs),
      name: event.name,
      attributes: encodeAttributes(event.attributes),
    })),
    status: {
      ...(message === undefined || message === '' ? {} : { message }),
      ...(code === 0 ? {} : { code }),
    },
  };
}

/** An ExportTraceServiceRequest with an entry for each batch. */
export function encodeTraces(batches: readonly SpanBatch[]): object {
  return {
    resourceSpans: batches.map(({ origin, spans }) => ({
      ...encodeOrigin(origin),
      scopeSpans: [{ scope: origin.scope, spans: spans.map(encodeSpan) }],
    })),
  };
}

/** An ExportMetricsServiceRequest; every value travels as a double. */
export function encodeGauges(origin: OutgoingOrigin, gauges: readonly Gauge[]): object {
  const metrics = gauges.map(({ name, unit, description, points }) => ({
    name,
    unit,
    description,
    gauge: {
      dataPoints: points.map((point) => ({
        timeUnixNano: String(point.timeNs),
        asDouble: point.value,
        attributes: encodeAttributes(point.attributes),
      })),
    },
  }));
  return {
    resourceMetrics: [
      { ...encodeOrigin(origin), scopeMetrics: [{ scope: origin.scope, metrics }] },
    ],
  };
}
