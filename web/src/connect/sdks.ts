import type { SnippetOf } from './targets.ts';

/** OpenTelemetry's own SDKs read the three variables; so does ours, which knows agents, tools and models. */

const SIGNALBOX = `import { initTelemetry, withAgent, withModelCall, withTool } from '@signalbox/sdk';

const telemetry = initTelemetry({ agent: 'my-agent' });

await withAgent({ name: 'my-agent' }, async () => {
  const found = await withTool({ name: 'look_up' }, async () => 'what your tool finds');
  await withModelCall({ model: 'gpt-4o', provider: 'openai' }, async () => found);
});

await telemetry.shutdown();`;

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

const JAVA = `import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;

public class Agent {
  public static void main(String[] args) {
    OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.initialize().getOpenTelemetrySdk();
    Span span = sdk.getTracer("my-agent").spanBuilder("invoke_agent my-agent").startSpan();
    span.setAttribute("gen_ai.operation.name", "invoke_agent");
    span.setAttribute("gen_ai.agent.name", "my-agent");
    span.end();
    sdk.close();
  }
}`;

const DOTNET = `using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

using var provider = Sdk.CreateTracerProviderBuilder()
    .AddSource("my-agent")
    .AddOtlpExporter()
    .Build();

var source = new ActivitySource("my-agent");
using (var span = source.StartActivity("invoke_agent my-agent"))
{
    span?.SetTag("gen_ai.operation.name", "invoke_agent");
    span?.SetTag("gen_ai.agent.name", "my-agent");
}`;

export const SDKS = {
  signalbox: () => ({
    title: '@signalbox/sdk',
    install: 'npm install @signalbox/sdk @opentelemetry/api',
    where: 'agent.mjs',
    code: SIGNALBOX,
    note: 'For agents in JavaScript and TypeScript. It reads the variables above, and watches OpenAI, Anthropic, MCP, LangChain.js and others by a line each.',
  }),
  python: () => ({
    title: 'Python',
    install: 'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http',
    where: 'agent.py',
    code: PYTHON,
    note: 'The exporter reads the variables above.',
  }),
  javascript: () => ({
    title: 'JavaScript',
    install: 'npm install @opentelemetry/api @opentelemetry/sdk-node',
    where: 'agent.mjs',
    code: JAVASCRIPT,
    note: 'NodeSDK reads the variables above.',
  }),
  go: () => ({
    title: 'Go',
    install:
      'go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp',
    where: 'main.go',
    code: GO,
    note: 'The exporter reads the variables above; OTEL_SERVICE_NAME names the service.',
  }),
  java: () => ({
    title: 'Java',
    install: [
      'io.opentelemetry:opentelemetry-api',
      'io.opentelemetry:opentelemetry-sdk-extension-autoconfigure',
      'io.opentelemetry:opentelemetry-exporter-otlp',
    ].join('\n'),
    where: 'Agent.java',
    code: JAVA,
    note: 'The artifacts are in the BOM io.opentelemetry:opentelemetry-bom. Autoconfiguration reads the variables above, and OTEL_SERVICE_NAME; set OTEL_METRICS_EXPORTER=none if you want traces alone. So does the Java agent, java -javaagent:opentelemetry-javaagent.jar.',
  }),
  dotnet: () => ({
    title: '.NET',
    install: 'dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol',
    where: 'Program.cs',
    code: DOTNET,
    note: 'The exporter reads the variables above, and OTEL_SERVICE_NAME. Agent Framework and Semantic Kernel send through the same provider once their sources are added.',
  }),
} as const satisfies Record<string, SnippetOf>;
