import type { Dialect } from '../dialect.ts';

/** Mastra's OpenTelemetry exporter. https://mastra.ai/docs/observability/tracing/exporters/otel */
export const mastra: Dialect = {
  id: 'mastra',
  framework: 'mastra',
  scopes: [/^@?mastra/],
  fingerprints: ['mastra.*'],
  attributes: {
    'mastra.span.type': 'kind',
    'gen_ai.usage.cached_input_tokens': 'cacheReadTokens',
    'gen_ai.usage.cache_write_tokens': 'cacheWriteTokens',
  },
  kinds: {
    agent_run: 'invoke_agent',
    model_generation: 'chat',
    model_step: 'chat',
    model_chunk: 'chain',
    tool_call: 'execute_tool',
    mcp_tool_call: 'execute_tool',
    workflow_run: 'invoke_workflow',
    workflow_step: 'chain',
    workflow_conditional: 'chain',
    workflow_parallel: 'chain',
    workflow_loop: 'chain',
    processor_run: 'guardrail',
  },
};
