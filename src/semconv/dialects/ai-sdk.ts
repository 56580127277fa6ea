import type { Dialect } from '../dialect.ts';

/**
 * Vercel AI SDK: versions 3 to 6 with names of its own, version 7 with GenAI names under the scope `gen_ai`.
 * https://ai-sdk.dev/docs/ai-sdk-core/telemetry
 */
export const aiSdk: Dialect = {
  id: 'ai_sdk',
  framework: 'ai_sdk',
  scopes: ['ai', 'gen_ai', /^@ai-sdk\//],
  fingerprints: [
    'ai.operationId',
    'ai.model.*',
    'ai.telemetry.*',
    'ai.usage.*',
    'ai.response.*',
    'ai.toolCall.*',
  ],
  attributes: {
    'ai.telemetry.functionId': 'agentName',
    'resource.name': { field: 'agentName', own: true },
    'ai.operationId': 'kind',
    'ai.model.id': 'requestModel',
    'ai.response.model': 'responseModel',
    'ai.model.provider': 'provider',
    'ai.telemetry.metadata.sessionId': 'conversation',
    'ai.telemetry.metadata.conversationId': 'conversation',
    'ai.telemetry.metadata.threadId': 'conversation',
    'ai.telemetry.metadata.userId': 'user',
    'ai.toolCall.name': 'toolName',
    'ai.toolCall.id': 'toolCallId',
    'ai.response.finishReason': 'finishReasons',
    'ai.finishReason': 'finishReasons',
    'ai.usage.inputTokens': 'inputTokens',
    'ai.usage.promptTokens': 'inputTokens',
    'ai.usage.tokens': 'inputTokens',
    'ai.usage.outputTokens': 'outputTokens',
    'ai.usage.completionTokens': 'outputTokens',
    // The details came with counts that include the cache; before, the provider's own figures were passed on.
    'ai.usage.inputTokenDetails.cacheReadTokens': {
      field: 'cacheReadTokens',
      cachedInput: 'included',
    },
    'ai.usage.cachedInputTokens': { field: 'cacheReadTokens', cachedInput: 'as_provider' },
    'ai.usage.inputTokenDetails.cacheWriteTokens': 'cacheWriteTokens',
    'ai.response.providerMetadata': {
      json: {
        'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 'cacheWrite1hTokens',
        'anthropic.usage.service_tier': 'serviceTier',
        'openai.serviceTier': 'serviceTier',
      },
    },
    'ai.usage.outputTokenDetails.reasoningTokens': 'reasoningTokens',
    'ai.usage.reasoningTokens': 'reasoningTokens',
  },
  kinds: {
    'ai.generatetext': 'invoke_agent',
    'ai.generatetext.dogenerate': 'chat',
    'ai.streamtext': 'invoke_agent',
    'ai.streamtext.dostream': 'chat',
    'ai.generateobject': 'invoke_agent',
    'ai.generateobject.dogenerate': 'chat',
    'ai.streamobject': 'invoke_agent',
    'ai.streamobject.dostream': 'chat',
    'ai.embed': 'embeddings',
    'ai.embed.doembed': 'embeddings',
    'ai.embedmany': 'embeddings',
    'ai.embedmany.doembed': 'embeddings',
    'ai.rerank': 'rerank',
    'ai.rerank.dorerank': 'rerank',
    'ai.toolcall': 'execute_tool',
    agent_step: 'chain',
    rerank: 'rerank',
  },
  spanNames: [
    // Called after the model where the conventions have the agent's name.
    { pattern: /^invoke_agent\b/, operation: 'invoke_agent' },
    { pattern: /^step \d+$/, operation: 'chain' },
  ],
  aggregates: [/^ai\.(?:embed|embedMany|rerank)(?: |$)/],
};
