import type { SpanBatch } from '../model/outgoing-telemetry.ts';
import { encodeTraces } from '../otlp/encode-telemetry.ts';

/** Spans as one OTLP/JSON export request, for somebody who asks for them. */
export function tracesJson(batches: readonly SpanBatch[]): string {
  return JSON.stringify(encodeTraces(batches));
}
