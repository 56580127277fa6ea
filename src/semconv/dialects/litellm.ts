import type { Dialect } from '../dialect.ts';

/** LiteLLM, library and proxy. https://docs.litellm.ai/docs/observability/opentelemetry_integration */
export const litellm: Dialect = {
  id: 'litellm',
  framework: 'litellm',
  scopes: ['litellm'],
  fingerprints: ['hidden_params', 'gen_ai.cost.*', 'metadata.user_api_key_*'],
  attributes: {
    'gen_ai.cost.total_cost': 'reportedCost',
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
