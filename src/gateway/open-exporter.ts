import { join } from 'node:path';

import { otlpTargetOf } from '../exporter/otlp-target.ts';
import {
  createTraceExporter,
  type TraceDestination,
  type TraceExporter,
} from '../exporter/trace-exporter.ts';
import type { GatewayFile } from './gateway-file.ts';

/** How long a span may wait before it is written where somebody may be looking. */
const LOCAL_FLUSH_MS = 200;
const REMOTE_FLUSH_MS = 1_000;

/** Where spans go, as `otel_endpoint` says; undefined when it says nothing. */
export function openExporter(options: {
  readonly config: Pick<GatewayFile, 'otel_endpoint' | 'otel'>;
  readonly dataDir: string;
  readonly onProblem: (message: string) => void;
}): TraceExporter | undefined {
  const { otel_endpoint: endpoint, otel } = options.config;
  if (endpoint === undefined) return undefined;
  const destination = destinationOf(endpoint, otel, options.dataDir);
  return createTraceExporter({
    destination,
    flushIntervalMs: destination.kind === 'otlp' ? REMOTE_FLUSH_MS : LOCAL_FLUSH_MS,
    spoolBytesMax: otel.spool_bytes_max,
    // What is not taken stays in the spool and is sent with what comes next.
    retry: { attemptsMax: 2 },
    onProblem: options.onProblem,
  });
}

function destinationOf(
  endpoint: string,
  otel: GatewayFile['otel'],
  dataDir: string,
): TraceDestination {
  if (endpoint === 'stdout') return { kind: 'stderr' };
  if (!/^https?:\/\//.test(endpoint)) return { kind: 'file', path: endpoint };
  const target = otlpTargetOf('traces', {
    endpoint,
    headers: otel.headers,
    protocol: 'http/json',
    compression: otel.compression,
    timeoutMs: otel.timeout_seconds * 1_000,
  })!;
  return { kind: 'otlp', target, spoolDirectory: join(dataDir, 'spool') };
}
