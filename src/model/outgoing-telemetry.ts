/**
 * Telemetry that Signalbox itself makes, on its way out. Ids are lower-case hex as in OTLP; times are nanoseconds
 * since 1970 UTC.
 */

/** Whole numbers travel as integers, others as doubles; undefined attributes are left out. */
export type AttributeValue =
  | string
  | number
  | bigint
  | boolean
  | readonly AttributeValue[]
  | { readonly [key: string]: AttributeValue };

export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** What telemetry came from: the resource and the scope of OTLP. */
export interface OutgoingOrigin {
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly version: string };
  readonly schemaUrl?: string | undefined;
}

export interface OutgoingEvent {
  readonly name: string;
  readonly timeNs: bigint;
  readonly attributes: Attributes;
}

/** OTLP's numbers for a span's kind. */
export const SPAN_KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** OTLP's numbers for a span's status. */
export const SPAN_STATUS = { unset: 0, ok: 1, error: 2 } as const;

export interface OutgoingSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly events: readonly OutgoingEvent[];
  readonly status: { readonly code: number; readonly message?: string | undefined };
}

export interface SpanBatch {
  readonly origin: OutgoingOrigin;
  readonly spans: readonly OutgoingSpan[];
}

/** A measurement at a time; gauges alone, since that is all that we send. */
export interface GaugePoint {
  readonly timeNs: bigint;
  readonly value: number;
  readonly attributes: Attributes;
}

export interface Gauge {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly points: readonly GaugePoint[];
}
