import type { Dialect } from '../dialect.ts';

/** OpenInference (Arize). https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md */
export const openInference: Dialect = {
  id: 'openinference',
  scopes: [/^openinference\./, /^@arizeai\/openinference-/],
  // The wrapper repeats Anthropic's own figure.
  scopeRules: [
    { scopes: ['@arizeai/openinference-instrumentation-anthropic'], cachedInput: 'excluded' },
  ],
  fingerprints: ['openinference.*', 'llm.token_count.*', 'llm.model_name', 'llm.input_messages.*'],
  attributes: {
    'openinference.span.kind': 'kind',
    'llm.request.model_name': 'requestModel',
    'llm.model_name': 'requestModel',
    'embedding.model_name': 'requestModel',
    'reranker.model_name': 'requestModel',
    'llm.response.model_name': 'responseModel',
    'llm.system': 'provider',
    'llm.provider': 'provider',
    'tool.name': 'toolName',
    'tool_call.id': 'toolCallId',
    'tool.id': 'toolCallId',
    'llm.finish_reason': 'finishReasons',
    'llm.token_count.prompt': 'inputTokens',
    'llm.token_count.completion': 'outputTokens',
    'llm.token_count.prompt_details.cache_read': 'cacheReadTokens',
    'llm.token_count.prompt_details.cache_write': 'cacheWriteTokens',
    'llm.token_count.completion_details.reasoning': 'reasoningTokens',
    'llm.token_count.total': 'totalTokens',
    'llm.cost.total': 'reportedCost',
    'graph.node.id': { field: 'agentName', whenKind: ['agent'] },
  },
  kinds: {
    llm: 'chat',
    embedding: 'embeddings',
    chain: 'chain',
    retriever: 'retrieval',
    reranker: 'rerank',
    tool: 'execute_tool',
    agent: 'invoke_agent',
    guardrail: 'guardrail',
    evaluator: 'evaluation',
    prompt: 'chain',
  },
  namesAre: ['execute_tool'],
};
