import type { SpanBatch } from '../model/outgoing-telemetry.ts';
import { writeTraces } from '../otlp/write-traces.ts';

/** Spans as one OTLP/JSON export request, for somebody who asks for them. */
export function tracesJson(batches: readonly SpanBatch[]): string {
  return writeTraces(batches);
}
