import type { Dialect } from '../dialect.ts';

/** MLflow tracing: every value is JSON text, strings with their quotes. https://mlflow.org/docs/latest/genai/tracing/ */
export const mlflow: Dialect = {
  id: 'mlflow',
  scopes: [/^mlflow/],
  fingerprints: ['mlflow.*'],
  attributes: {
    'mlflow.spanType': 'kind',
    'mlflow.llm.model': 'requestModel',
    'mlflow.llm.provider': 'provider',
    'mlflow.trace.session': 'conversation',
    'mlflow.trace.user': 'user',
    'mlflow.chat.tokenUsage': {
      json: {
        input_tokens: 'inputTokens',
        output_tokens: 'outputTokens',
        cache_read_input_tokens: 'cacheReadTokens',
        cache_creation_input_tokens: 'cacheWriteTokens',
      },
    },
    'mlflow.llm.cost': { json: { total_cost: 'reportedCost' } },
  },
  kinds: {
    llm: 'chat',
    chat_model: 'chat',
    chain: 'chain',
    agent: 'invoke_agent',
    tool: 'execute_tool',
    retriever: 'retrieval',
    parser: 'chain',
    embedding: 'embeddings',
    reranker: 'rerank',
    memory: 'memory',
    workflow: 'invoke_workflow',
    task: 'chain',
    guardrail: 'guardrail',
    evaluator: 'evaluation',
  },
  namesAre: ['execute_tool', 'invoke_agent'],
};
