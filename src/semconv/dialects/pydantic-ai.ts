import type { Dialect } from '../dialect.ts';

/** Pydantic AI, instrumentation versions 1 to 6. https://ai.pydantic.dev/logfire/ */
export const pydanticAi: Dialect = {
  id: 'pydantic_ai',
  framework: 'pydantic_ai',
  scopes: ['pydantic-ai'],
  fingerprints: ['pydantic_ai.*', 'model_request_parameters', 'gen_ai.aggregated_usage.*'],
  attributes: {
    agent_name: { field: 'agentName', own: true },
    model_name: { field: 'requestModel', own: true },
    // Agent spans keep their sums apart from the usage of calls.
    'gen_ai.aggregated_usage.input_tokens': 'inputTokens',
    'gen_ai.aggregated_usage.output_tokens': 'outputTokens',
    'gen_ai.usage.details.cache_read_tokens': 'cacheReadTokens',
    'gen_ai.usage.cache_read_tokens': 'cacheReadTokens',
    'gen_ai.usage.details.cache_write_tokens': 'cacheWriteTokens',
    'gen_ai.usage.details.reasoning_tokens': 'reasoningTokens',
    'operation.cost': 'reportedCost',
  },
  spanNames: [
    { pattern: /^agent run$/, operation: 'invoke_agent' },
    { pattern: /^running tool$/, operation: 'execute_tool' },
    { pattern: /^running (?:\d+ )?tools?$/, operation: 'chain' },
  ],
};
