import type { Dialect } from '../dialect.ts';

/** LiteLLM, library and proxy. https://docs.litellm.ai/docs/observability/opentelemetry_integration */
export const litellm: Dialect = {
  id: 'litellm',
  framework: 'litellm',
  scopes: ['litellm'],
  fingerprints: ['hidden_params', 'gen_ai.cost.*', 'metadata.user_api_key_*'],
  attributes: {
    'gen_ai.cost.total_cost': 'reportedCost',
    // A dictionary as Python writes it, with the parts of the counts that stand beside it.
    'metadata.usage_object': {
      json: {
        'prompt_tokens_details.cached_tokens': 'cacheReadTokens',
        'prompt_tokens_details.cache_creation_tokens': 'cacheWriteTokens',
        'prompt_tokens_details.cache_creation_token_details.ephemeral_1h_input_tokens':
          'cacheWrite1hTokens',
        'completion_tokens_details.reasoning_tokens': 'reasoningTokens',
      },
    },
    'metadata.user_api_key_user_id': { field: 'user', own: true, believed: 'last' },
  },
  // `completion` is its name for chat.
  kinds: {
    completion: 'chat',
    acompletion: 'chat',
    responses: 'chat',
    aresponses: 'chat',
    text_completion: 'text_completion',
    atext_completion: 'text_completion',
    embedding: 'embeddings',
    aembedding: 'embeddings',
    rerank: 'rerank',
    arerank: 'rerank',
  },
  spanNames: [
    { pattern: /^Received Proxy Server Request$/, operation: 'chain', overrules: true },
    { pattern: /^(?:litellm_request|raw_gen_ai_request)$/, operation: 'chat' },
    { pattern: /^guardrail$/, operation: 'guardrail' },
  ],
};
