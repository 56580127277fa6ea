import type { Dialect } from '../dialect.ts';

/** OpenLIT. https://docs.openlit.io/latest/sdk/overview */
export const openLit: Dialect = {
  id: 'openlit',
  scopes: [/^openlit/],
  fingerprints: [
    'gen_ai.application_name',
    'gen_ai.environment',
    'gen_ai.endpoint',
    'gen_ai.agent.type',
    'gen_ai.framework.*',
    'gen_ai.usage.prompt_tokens_details.*',
    'gen_ai.usage.completion_tokens_details.*',
  ],
  attributes: {
    'gen_ai.request.user': 'user',
    'gen_ai.usage.prompt_tokens_details.cache_read': 'cacheReadTokens',
    'gen_ai.usage.prompt_tokens_details.cached_tokens': 'cacheReadTokens',
    'gen_ai.usage.prompt_tokens_details.cache_write': 'cacheWriteTokens',
    'gen_ai.usage.prompt_tokens_details.cache_creation_tokens': 'cacheWriteTokens',
    'gen_ai.usage.completion_tokens_details.reasoning': 'reasoningTokens',
    'gen_ai.usage.completion_tokens_details.reasoning_tokens': 'reasoningTokens',
    'gen_ai.usage.cost': 'reportedCost',
  },
  kinds: {
    embedding: 'embeddings',
    vectordb: 'retrieval',
    framework: 'chain',
    agent: 'invoke_agent',
    tool: 'execute_tool',
  },
  // It tells of every call by a span and, in no trace where the answer was streamed, by the conventions' event besides.
  events: { prefix: 'gen_ai.', told: {}, conversation: 'gen_ai.conversation.id' },
};
