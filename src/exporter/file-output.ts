import { appendFileSync } from 'node:fs';

/**
 * Appends OTLP/JSON requests to a file, one complete request a line, as the Collector's file receiver reads them.
 * https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
 */
export function appendRequest(file: string, json: Buffer): void {
  // One write each, so that the lines of several processes do not mix.
  appendFileSync(file, Buffer.concat([json, Buffer.from('\n')]), { mode: 0o600 });
}
