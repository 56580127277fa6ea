import type { Dialect } from '../dialect.ts';

/** Logfire's own instrumentations of model clients. https://logfire.pydantic.dev/docs/integrations/ */
export const logfire: Dialect = {
  id: 'logfire',
  scopes: [/^logfire/],
  fingerprints: ['logfire.*'],
  attributes: {
    'gen_ai.usage.raw': {
      json: {
        'output_tokens_details.reasoning_tokens': 'reasoningTokens',
        'completion_tokens_details.reasoning_tokens': 'reasoningTokens',
      },
    },
    request_data: { own: true, json: { model: 'requestModel' } },
    response_data: {
      own: true,
      json: {
        'usage.input_tokens': 'inputTokens',
        'usage.prompt_tokens': 'inputTokens',
        'usage.output_tokens': 'outputTokens',
        'usage.completion_tokens': 'outputTokens',
        'usage.prompt_tokens_details.cached_tokens': 'cacheReadTokens',
        'usage.cache_read_input_tokens': 'cacheReadTokens',
        'usage.cache_creation_input_tokens': 'cacheWriteTokens',
        'usage.cache_creation.ephemeral_1h_input_tokens': 'cacheWrite1hTokens',
        'usage.service_tier': 'serviceTier',
        'usage.completion_tokens_details.reasoning_tokens': 'reasoningTokens',
      },
    },
  },
  spanNames: [
    { pattern: /^(?:Chat Completion|Message|Responses API) with /, operation: 'chat' },
    { pattern: /^Embedding Creation with /, operation: 'embeddings' },
    { pattern: /^streaming response from /, operation: 'chat' },
  ],
  cachedInput: 'as_provider',
};
