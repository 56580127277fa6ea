import type { Dialect } from '../dialect.ts';

/** OpenLLMetry (Traceloop), Python and JavaScript. https://www.traceloop.com/docs/openllmetry */
export const openLlmetry: Dialect = {
  id: 'openllmetry',
  scopes: [
    /^@traceloop\//,
    'traceloop.tracer',
    /^opentelemetry\.instrumentation\.(?:openai\.v[01]|openai_agents|langchain|llamaindex|haystack)$/,
    /^opentelemetry\.instrumentation\.(?:bedrock|cohere|groq|mistralai|ollama|together|replicate)$/,
    /^opentelemetry\.instrumentation\.(?:watsonx|sagemaker|transformers|alephalpha|agno)$/,
  ],
  scopeRules: [
    // The wrapper repeats Anthropic's own figure.
    { scopes: ['@traceloop/instrumentation-anthropic'], cachedInput: 'excluded' },
    // Streamed calls carry a tokenizer's guess, and nothing tells which calls were streamed.
    { scopes: ['@traceloop/instrumentation-openai'], estimated: true },
  ],
  fingerprints: [
    'traceloop.*',
    'llm.request.type',
    'llm.is_streaming',
    'llm.vendor',
    'gen_ai.prompt.0.*',
    'gen_ai.completion.0.*',
  ],
  attributes: {
    'traceloop.entity.name': [
      { field: 'agentName', whenKind: ['agent'] },
      { field: 'toolName', whenKind: ['tool'] },
    ],
    'traceloop.span.kind': 'kind',
    'llm.request.type': 'kind',
    'llm.request.model': 'requestModel',
    'llm.response.model': 'responseModel',
    'llm.vendor': 'provider',
    'traceloop.association.properties.session_id': 'conversation',
    'traceloop.association.properties.thread_id': 'conversation',
    'traceloop.association.properties.conversation_id': 'conversation',
    'traceloop.association.properties.user_id': 'user',
    'gen_ai.user': { field: 'user', believed: 'last' },
    'llm.user': { field: 'user', believed: 'last' },
    'gen_ai.completion.0.finish_reason': 'finishReasons',
    'llm.usage.reasoning_tokens': 'reasoningTokens',
  },
  kinds: {
    workflow: 'invoke_workflow',
    task: 'chain',
    session: 'chain',
    agent: 'invoke_agent',
    tool: 'execute_tool',
    completion: 'text_completion',
    embedding: 'embeddings',
    rerank: 'rerank',
    'guardrail.run': 'guardrail',
  },
  spanNames: [
    { pattern: /\.(handoff)$/, operation: 'execute_tool', toolGroup: 1 },
    { pattern: /^(.+)\.agent$/, operation: 'invoke_agent', agentGroup: 1 },
    { pattern: /^(.+)\.tool$/, operation: 'execute_tool', toolGroup: 1 },
    { pattern: /^.+\.workflow$/, operation: 'invoke_workflow' },
    { pattern: /^.+\.task$/, operation: 'chain' },
  ],
};
