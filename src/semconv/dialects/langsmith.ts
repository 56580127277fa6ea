import type { Dialect } from '../dialect.ts';

/**
 * LangSmith's OpenTelemetry export of LangChain and LangGraph runs. `langsmith.trace.session_id` is the
 * project, not a conversation. https://docs.langchain.com/langsmith/trace-with-opentelemetry
 */
export const langSmith: Dialect = {
  id: 'langsmith',
  framework: 'langchain',
  scopes: [/^langsmith/],
  fingerprints: ['langsmith.*'],
  attributes: {
    'langsmith.metadata.lc_agent_name': 'agentName',
    'langsmith.span.kind': 'kind',
    'langsmith.metadata.ls_model_name': 'requestModel',
    // `gen_ai.system` is guessed from the model's name beside it.
    'langsmith.metadata.ls_provider': { field: 'provider', believed: 'first' },
    'langsmith.metadata.thread_id': 'conversation',
    'langsmith.metadata.session_id': 'conversation',
    'langsmith.metadata.conversation_id': 'conversation',
    'langsmith.metadata.user_id': 'user',
    'langsmith.usage_metadata': {
      json: {
        input_tokens: 'inputTokens',
        output_tokens: 'outputTokens',
        'input_token_details.cache_read': 'cacheReadTokens',
        'input_token_details.cache_creation': 'cacheWriteTokens',
        'input_token_details.ephemeral_5m_input_tokens': 'cacheWrite5mTokens',
        'input_token_details.ephemeral_1h_input_tokens': 'cacheWrite1hTokens',
        'output_token_details.reasoning': 'reasoningTokens',
        total_cost: 'reportedCost',
      },
    },
    'gen_ai.usage.input_token_details': {
      json: { cache_read: 'cacheReadTokens', cache_creation: 'cacheWriteTokens' },
    },
    'gen_ai.usage.output_token_details': { json: { reasoning: 'reasoningTokens' } },
  },
  kinds: {
    llm: 'chat',
    chain: 'chain',
    tool: 'execute_tool',
    retriever: 'retrieval',
    embedding: 'embeddings',
    prompt: 'chain',
    parser: 'chain',
  },
  // It calls retrievers `embeddings` and prompt templates `chat`.
  kindFirst: true,
  namesAre: ['execute_tool'],
};
