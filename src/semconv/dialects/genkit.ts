import type { Dialect } from '../dialect.ts';

/** Genkit: usage only inside the JSON of a model action's output. https://genkit.dev/docs/observability/overview/ */
export const genkit: Dialect = {
  id: 'genkit',
  framework: 'genkit',
  scopes: ['genkit-tracer'],
  fingerprints: ['genkit:*'],
  attributes: {
    'genkit:metadata:subtype': 'kind',
    'genkit:type': 'kind',
    'genkit:name': [
      { field: 'requestModel', whenKind: ['model', 'embedder'] },
      { field: 'toolName', whenKind: ['tool'] },
      { field: 'agentName', whenKind: ['agent', 'flow'] },
    ],
    'genkit:state': 'outcome',
    'genkit:output': {
      whenKind: ['model'],
      json: {
        'usage.inputTokens': 'inputTokens',
        'usage.outputTokens': 'outputTokens',
        'usage.cachedContentTokens': 'cacheReadTokens',
        'usage.thoughtsTokens': 'reasoningTokens',
        finishReason: 'finishReasons',
        'candidates.*.finishReason': 'finishReasons',
      },
    },
  },
  kinds: {
    model: 'chat',
    embedder: 'embeddings',
    retriever: 'retrieval',
    reranker: 'rerank',
    tool: 'execute_tool',
    flow: 'invoke_workflow',
    flowstep: 'chain',
    prompt: 'chain',
    executableprompt: 'chain',
    util: 'chain',
    evaluator: 'evaluation',
    agent: 'invoke_agent',
  },
  cachedInput: 'as_provider',
  reasoningOutput: 'as_provider',
};
