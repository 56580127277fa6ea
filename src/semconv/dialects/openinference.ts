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
    // A call that failed says in its parameters alone which model was asked.
    'llm.invocation_parameters': { json: { model: 'requestModel', model_name: 'requestModel' } },
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
  spanNames: [
    // LlamaIndex makes its requests ready in a span that says it were a call.
    { pattern: /\._prepare_chat_with_tools$/, operation: 'chain', overrules: true },
  ],
  namesAre: ['execute_tool'],
  // Agents' spans are called by their names, with a method in some frameworks, or else by what they are made of.
  agentNames:
    /^(?!(?:LangGraph|AgentExecutor|Agent [Ww]orkflow|Runnable\w*)$|[A-Z]\w*Agent\.run$)([^.()]+)(?:\.run)?$/,
};
