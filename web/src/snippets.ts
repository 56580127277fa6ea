import type { ConnectTarget } from './url-search.ts';

/** What to paste so that telemetry reaches this server. */

export interface ConnectAddress {
  /** `http://127.0.0.1:4318`, without `/v1/traces`. */
  readonly endpoint: string;
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

export interface Snippet {
  readonly title: string;
  readonly install: string | undefined;
  /** What the code is pasted into. */
  readonly where: string;
  readonly code: string;
  readonly note: string;
}

export function snippetFor(target: ConnectTarget, address: ConnectAddress): Snippet {
  return SNIPPETS[target](address);
}

export const TARGET_NAMES: Readonly<Record<ConnectTarget, string>> = {
  python: 'Python',
  javascript: 'JavaScript',
  go: 'Go',
  'claude-code': 'Claude Code',
};

const PYTHON = `from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)

with trace.get_tracer("my-agent").start_as_current_span("invoke_agent my-agent") as span:
    span.set_attribute("gen_ai.operation.name", "invoke_agent")
    span.set_attribute("gen_ai.agent.name", "my-agent")

provider.shutdown()`;

const JAVASCRIPT = `import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ serviceName: 'my-agent' });
sdk.start();

trace.getTracer('my-agent').startActiveSpan('invoke_agent my-agent', (span) => {
  span.setAttribute('gen_ai.operation.name', 'invoke_agent');
  span.setAttribute('gen_ai.agent.name', 'my-agent');
  span.end();
});

await sdk.shutdown();`;

const GO = `package main

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		panic(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	defer provider.Shutdown(ctx)

	_, span := provider.Tracer("my-agent").Start(ctx, "invoke_agent my-agent")
	span.SetAttributes(
		attribute.String("gen_ai.operation.name", "invoke_agent"),
		attribute.String("gen_ai.agent.name", "my-agent"),
	)
	span.End()
}`;

const SNIPPETS: Readonly<Record<ConnectTarget, (address: ConnectAddress) => Snippet>> = {
  python: () => ({
    title: 'Python',
    install: 'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http',
    where: 'agent.py',
    code: PYTHON,
    note: 'The exporter reads the variables above. Instrumentations of LangChain, CrewAI, OpenAI and others work as they are.',
  }),
  javascript: () => ({
    title: 'JavaScript',
    install: 'npm install @opentelemetry/api @opentelemetry/sdk-node',
    where: 'agent.mjs',
    code: JAVASCRIPT,
    note: 'NodeSDK reads the variables above. The Vercel AI SDK sends its spans through it when telemetry is switched on.',
  }),
  go: () => ({
    title: 'Go',
    install:
      'go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp',
    where: 'main.go',
    code: GO,
    note: 'The exporter reads the variables above; OTEL_SERVICE_NAME names the service.',
  }),
  'claude-code': ({ endpoint, key }) => ({
    title: 'Claude Code',
    install: undefined,
    where: 'the shell that starts it',
    code: [
      'export CLAUDE_CODE_ENABLE_TELEMETRY=1',
      'export CLAUDE_CODE_ENHANCED_TELEMETRY_BETA=1',
      'export OTEL_TRACES_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp',
      environmentLines({ endpoint, key }),
      'claude',
    ].join('\n'),
    note: 'Traces are a beta of Claude Code; logs and metrics come without that switch.',
  }),
};
