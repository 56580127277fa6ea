import { ProtobufWriter, writeAttribute } from './protobuf-writer.ts';
import type { AttributeValue } from './protobuf-writer.ts';
import { mulberry32 } from '../../src/cli/demo/random.ts';
import { randomBytes } from './random.ts';

/**
 * The GenAI shape: runs of an agent with model calls and tool calls under it, 23 attributes on every
 * model call, as today's instrumentations write them without message content.
 */

export const MODELS = [
  'gpt-4o',
  'gpt-4o-mini',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'gemini-2.5-pro',
];
const PROVIDERS = ['openai', 'openai', 'anthropic', 'anthropic', 'gcp.gemini'];
const TOOLS = ['search_web', 'get_order', 'create_refund', 'read_file', 'run_sql'];
const AGENTS = 12;

/** One export request of `spanCount` spans, ten to a trace, starting at `startNs`. */
export function encodeGenAiRequest(seed: number, spanCount: number, startNs: bigint): Buffer {
  const random = mulberry32(seed);
  const writer = new ProtobufWriter();
  const agent = Math.floor(random() * AGENTS);
  writer.message(1, (resourceSpans) => {
    resourceSpans.message(1, (resource) => {
      writeAttribute(resource, 1, 'service.name', `agent-${agent}`);
      writeAttribute(resource, 1, 'service.version', '1.4.2');
      writeAttribute(resource, 1, 'telemetry.sdk.language', 'python');
      writeAttribute(resource, 1, 'telemetry.sdk.name', 'opentelemetry');
      writeAttribute(resource, 1, 'telemetry.sdk.version', '1.44.0');
      writeAttribute(resource, 1, 'host.name', `host-${agent % 4}`);
    });
    resourceSpans.message(2, (scopeSpans) => {
      scopeSpans.message(1, (scope) => {
        scope.text(1, 'opentelemetry.instrumentation.openai_v2');
        scope.text(2, '2.1b0');
      });
      let traceId = randomBytes(random, 16);
      let root = randomBytes(random, 8);
      for (let i = 0; i < spanCount; i++) {
        const inTrace = i % 10;
        if (inTrace === 0) {
          traceId = randomBytes(random, 16);
          root = randomBytes(random, 8);
        }
        const at = startNs + BigInt(Math.floor(random() * 1e9));
        scopeSpans.message(2, (span) =>
          writeSpan(span, { random, traceId, root, inTrace, at, agent }),
        );
      }
    });
  });
  return writer.finish();
}

export interface SpanPlan {
  readonly random: () => number;
  readonly traceId: Buffer;
  readonly root: Buffer;
  readonly inTrace: number;
  readonly at: bigint;
  readonly agent: number;
}

function writeSpan(span: ProtobufWriter, plan: SpanPlan): void {
  const { random, inTrace } = plan;
  const model = Math.floor(random() * MODELS.length);
  span.bytes(1, plan.traceId);
  span.bytes(2, inTrace === 0 ? plan.root : randomBytes(random, 8));
  if (inTrace !== 0) span.bytes(4, plan.root);
  const isTool = inTrace % 3 === 2;
  const tool = TOOLS[Math.floor(random() * TOOLS.length)]!;
  const name =
    inTrace === 0
      ? `invoke_agent agent-${plan.agent}`
      : isTool
        ? `execute_tool ${tool}`
        : `chat ${MODELS[model]}`;
  span.text(5, name);
  span.varint(6, isTool || inTrace === 0 ? 1 : 3);
  span.fixed64(7, plan.at);
  span.fixed64(8, plan.at + BigInt(Math.floor(random() * 4e9)));
  for (const [key, value] of attributesOf(plan, model, tool, isTool))
    writeAttribute(span, 9, key, value);
  if (random() < 0.02) {
    span.message(15, (status) => {
      status.text(2, 'rate limited');
      status.varint(3, 2);
    });
  }
}

export function attributesOf(
  plan: SpanPlan,
  model: number,
  tool: string,
  isTool: boolean,
): [string, AttributeValue][] {
  const { random } = plan;
  const operation = plan.inTrace === 0 ? 'invoke_agent' : isTool ? 'execute_tool' : 'chat';
  const input = 500 + Math.floor(random() * 20_000);
  return [
    ['gen_ai.operation.name', operation],
    ['gen_ai.provider.name', PROVIDERS[model]!],
    ['gen_ai.agent.name', `agent-${plan.agent}`],
    ['gen_ai.agent.id', `agt_${plan.agent}`],
    ['gen_ai.conversation.id', `conv_${plan.traceId.toString('hex', 0, 8)}`],
    ['gen_ai.request.model', MODELS[model]!],
    ['gen_ai.response.model', `${MODELS[model]!}-2026-08-06`],
    ['gen_ai.response.id', `resp_${Math.floor(random() * 2 ** 48).toString(36)}`],
    ['gen_ai.response.finish_reasons', [isTool ? 'tool_calls' : 'stop']],
    ['gen_ai.request.temperature', { double: Math.floor(random() * 10) / 10 }],
    ['gen_ai.request.top_p', { double: 0.95 }],
    ['gen_ai.request.max_tokens', 4096],
    ['gen_ai.request.choice.count', 1],
    ['gen_ai.usage.input_tokens', input],
    ['gen_ai.usage.output_tokens', Math.floor(random() * 2000)],
    ['gen_ai.usage.cache_read.input_tokens', Math.floor(input * 0.7)],
    ['gen_ai.usage.reasoning.output_tokens', Math.floor(random() * 200)],
    ['gen_ai.tool.name', tool],
    ['gen_ai.tool.call.id', `call_${Math.floor(random() * 2 ** 48).toString(36)}`],
    ['server.address', 'api.example.com'],
    ['server.port', 443],
    ['user.id', `user-${Math.floor(random() * 500)}`],
    ['deployment.environment.name', 'production'],
  ];
}
