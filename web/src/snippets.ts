/** What to paste so that telemetry reaches this server. */

export interface ConnectAddress {
  /** `http://127.0.0.1:4318`, without `/v1/traces`. */
  readonly endpoint: string;
  /** `http://127.0.0.1:4317`; undefined where the server does not listen for gRPC. */
  readonly grpc?: string | undefined;
  /** The secret of an ingest key, or a placeholder. */
  readonly key: string;
}

/** The three variables that every OpenTelemetry SDK reads. Header values are percent-encoded by its specification. */
export function environmentLines({ endpoint, key }: ConnectAddress): string {
  return [
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
    `export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${encodeURIComponent(key)}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
  ].join('\n');
}

/** What makes SDKs and coding agents send log records too, and one record by hand. */
export function logLines(endpoint: string): string {
  return [
    'export OTEL_LOGS_EXPORTER=otlp',
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
    'export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20YOUR_INGEST_KEY',
    '# Python: the records of the logging module',
    'export OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=true',
    '# Claude Code',
    'export CLAUDE_CODE_ENABLE_TELEMETRY=1 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    '# one record by hand',
    `curl ${endpoint}/v1/logs -H 'authorization: Bearer YOUR_INGEST_KEY' \\`,
    '  -H \'content-type: application/json\' -d \'{"resourceLogs": [{"scopeLogs": [{"logRecords":',
    '  [{"severityNumber": 9, "body": {"stringValue": "hello"}}]}]}]}\'',
  ].join('\n');
}

const DEFAULT_ENDPOINT = 'http://127.0.0.1:4318';

/** The command that sends the traffic of made-up agents to this server. */
export function demoCommand(endpoint: string): string {
  return endpoint === DEFAULT_ENDPOINT
    ? 'npx signalbox demo'
    : `npx signalbox demo --url ${endpoint}`;
}
