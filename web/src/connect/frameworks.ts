import type { ConnectAddress } from '../snippets.ts';
import type { SnippetOf } from './targets.ts';

/** How each framework is made to send its spans; what the provider is, is the same for all in Python. */

const PROVIDER = `from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "my-agent"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
`;

/** Anthropic's clients make a span of each call by themselves. */
const ANTHROPIC =
  'Anthropic’s own client makes spans besides, of streamed calls in traces of their own: ANTHROPIC_OPEN_TELEMETRY=false leaves them out, so that no call is there twice.';

const EXPORTER = 'opentelemetry-sdk opentelemetry-exporter-otlp-proto-http';
const BEFORE = 'the first lines of the program, before the framework is used';

/** An instrumentation of OpenInference, which are all switched on alike. */
function openInference(of: {
  readonly title: string;
  readonly module: string;
  readonly instrumentor: string;
  readonly note: string;
}): SnippetOf {
  const { title, module, instrumentor, note } = of;
  return () => ({
    title,
    install: `pip install openinference-instrumentation-${module.replaceAll('_', '-')} ${EXPORTER}`,
    where: BEFORE,
    code: `${PROVIDER}
from openinference.instrumentation.${module} import ${instrumentor}

${instrumentor}().instrument(tracer_provider=provider)`,
    note,
  });
}

const VERCEL = `import { NodeSDK } from '@opentelemetry/sdk-node';
import { OpenTelemetry } from '@ai-sdk/otel';
import { registerTelemetry } from 'ai';

new NodeSDK({ serviceName: 'my-agent' }).start();
registerTelemetry(new OpenTelemetry());`;

const springProperties = ({ endpoint, key }: ConnectAddress): string =>
  [
    'management.tracing.sampling.probability=1.0',
    '# Spring Boot 3',
    `management.otlp.tracing.endpoint=${endpoint}/v1/traces`,
    `management.otlp.tracing.headers.Authorization=Bearer ${key}`,
    '# Spring Boot 4',
    `management.opentelemetry.tracing.export.otlp.endpoint=${endpoint}/v1/traces`,
    `management.opentelemetry.tracing.export.otlp.headers.Authorization=Bearer ${key}`,
  ].join('\n');

export const FRAMEWORKS = {
  langchain: openInference({
    title: 'LangChain, LangGraph',
    module: 'langchain',
    instrumentor: 'LangChainInstrumentor',
    note: `One instrumentation for both, with agents, tools and model calls as spans of one trace; create_agent(…, name="my-agent") names the agent. ${ANTHROPIC} In JavaScript @signalbox/sdk/langchain does the same.`,
  }),
  'openai-agents': openInference({
    title: 'OpenAI Agents SDK',
    module: 'openai_agents',
    instrumentor: 'OpenAIAgentsInstrumentor',
    note: 'The SDK also sends its traces to OpenAI unless you call agents.set_tracing_disabled() or set OPENAI_AGENTS_DISABLE_TRACING=1, which switches this instrumentation off, too.',
  }),
  'vercel-ai': () => ({
    title: 'Vercel AI SDK',
    install: 'npm install @ai-sdk/otel @opentelemetry/api @opentelemetry/sdk-node',
    where: 'instrumentation.ts, or the first lines of the program',
    code: VERCEL,
    note: 'As of AI SDK 7 every call is told of; telemetry: { functionId: "my-agent" } of a call names the agent. In versions 5 and 6 leave out registerTelemetry and pass experimental_telemetry: { isEnabled: true, functionId: "my-agent" } with each call.',
  }),
  crewai: openInference({
    title: 'CrewAI',
    module: 'crewai',
    instrumentor: 'CrewAIInstrumentor',
    note: 'Crews, agents and tasks. Model calls come with the instrumentation of what makes them, as openinference-instrumentation-openai or -litellm. CrewAI’s own telemetry goes elsewhere; CREWAI_DISABLE_TELEMETRY=true ends it.',
  }),
  'pydantic-ai': () => ({
    title: 'Pydantic AI',
    install: `pip install ${EXPORTER}`,
    where: BEFORE,
    code: `${PROVIDER}
from pydantic_ai import Agent

Agent.instrument_all()`,
    note: 'Pydantic AI has the instrumentation within. Agent("openai:gpt-4o", name="my-agent") names the agent.',
  }),
  'google-adk': () => ({
    title: 'Google ADK',
    install: `pip install ${EXPORTER}`,
    where: 'the first lines of the program, before Runner is made',
    code: `${PROVIDER}
# ADK makes its spans through this provider: nothing else is needed.`,
    note: 'adk web and adk run set a provider up themselves, from the variables above.',
  }),
  openllmetry: ({ endpoint, key }) => ({
    title: 'OpenLLMetry',
    install: 'pip install traceloop-sdk',
    where: BEFORE,
    code: `from traceloop.sdk import Traceloop

Traceloop.init(
    app_name="my-agent",
    api_endpoint="${endpoint}",
    headers={"Authorization": "Bearer ${key}"},
)`,
    note: `Instruments OpenAI, Anthropic, Bedrock, LangChain, LlamaIndex and others that it finds. @agent(name="my-agent") from traceloop.sdk.decorators names an agent of your own. ${ANTHROPIC}`,
    environment: false,
  }),
  langfuse: ({ endpoint, key }) => ({
    title: 'Langfuse SDK',
    install: 'pip install langfuse',
    where: 'the shell that starts the agent',
    code: [
      `export LANGFUSE_BASE_URL=${endpoint}`,
      'export LANGFUSE_PUBLIC_KEY=pk-lf-signalbox',
      `export LANGFUSE_SECRET_KEY=${key}`,
    ].join('\n'),
    note: 'What is traced with Langfuse’s SDK, its decorators and its OpenAI client comes here, and so do its scores. @observe(as_type="agent", name="my-agent") names the agent. The public key may be anything.',
    environment: false,
  }),
  'spring-ai': (address) => ({
    title: 'Spring AI',
    install: [
      'org.springframework.boot:spring-boot-starter-actuator',
      'io.micrometer:micrometer-tracing-bridge-otel',
      'io.opentelemetry:opentelemetry-exporter-otlp',
    ].join('\n'),
    where: 'application.properties; the lines of your version of Spring Boot',
    code: springProperties(address),
    note: 'Every call of ChatClient is a span. spring.application.name names the agent.',
    environment: false,
  }),
} as const satisfies Record<string, SnippetOf>;
