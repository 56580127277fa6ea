import type { Dialect } from '../dialect.ts';

/**
 * Langfuse SDKs. Usage is JSON, from which the SDKs have taken cached and reasoning tokens out.
 * https://langfuse.com/integrations/native/opentelemetry
 */
export const langfuse: Dialect = {
  id: 'langfuse',
  scopes: [/^langfuse/, '@langfuse/otel'],
  fingerprints: ['langfuse.*'],
  attributes: {
    'langfuse.trace.name': 'traceName',
    'langfuse.observation.type': 'kind',
    'langfuse.observation.model.name': 'requestModel',
    'langfuse.session.id': 'conversation',
    'langfuse.user.id': 'user',
    'langfuse.observation.level': 'outcome',
    'langfuse.observation.usage_details': {
      json: {
        input: 'inputTokens',
        input_tokens: 'inputTokens',
        prompt_tokens: 'inputTokens',
        output: 'outputTokens',
        output_tokens: 'outputTokens',
        completion_tokens: 'outputTokens',
        input_cached_tokens: 'cacheReadTokens',
        cache_read_input_tokens: 'cacheReadTokens',
        input_cache_read: 'cacheReadTokens',
        // The usage of OpenAI's answers as it came, whose total shows that the parts are in the wholes.
        'prompt_tokens_details.cached_tokens': 'cacheReadTokens',
        'input_tokens_details.cached_tokens': 'cacheReadTokens',
        cache_creation_input_tokens: 'cacheWriteTokens',
        input_cache_creation: 'cacheWriteTokens',
        input_cache_creation_5m: 'cacheWrite5mTokens',
        input_cache_creation_1h: 'cacheWrite1hTokens',
        output_reasoning_tokens: 'reasoningTokens',
        output_reasoning: 'reasoningTokens',
        'completion_tokens_details.reasoning_tokens': 'reasoningTokens',
        'output_tokens_details.reasoning_tokens': 'reasoningTokens',
        total: 'totalTokens',
        total_tokens: 'totalTokens',
      },
    },
    'langfuse.observation.cost_details': { json: { total: 'reportedCost' } },
  },
  kinds: {
    generation: 'chat',
    embedding: 'embeddings',
    agent: 'invoke_agent',
    tool: 'execute_tool',
    chain: 'chain',
    retriever: 'retrieval',
    guardrail: 'guardrail',
    evaluator: 'evaluation',
  },
  namesAre: ['execute_tool', 'invoke_agent'],
  cachedInput: 'excluded',
  totalHoldsAll: true,
  reasoningOutput: 'excluded',
};
