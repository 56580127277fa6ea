import type { Dialect } from '../dialect.ts';

/**
 * Google Agent Development Kit. Its own names pass on what Gemini counts, thoughts beside the candidates; with the
 * conventions' name for reasoning came counts that include it. https://google.github.io/adk-docs/
 */
export const googleAdk: Dialect = {
  id: 'google_adk',
  framework: 'google_adk',
  scopes: ['gcp.vertex.agent'],
  fingerprints: ['gcp.vertex.agent.*'],
  attributes: {
    'gcp.vertex.agent.session_id': 'conversation',
    'gen_ai.usage.experimental.reasoning_tokens': 'reasoningTokens',
    'gcp.vertex.agent.llm_response': {
      json: {
        'usage_metadata.prompt_token_count': 'inputTokens',
        'usage_metadata.candidates_token_count': 'outputTokens',
        'usage_metadata.cached_content_token_count': 'cacheReadTokens',
        'usage_metadata.thoughts_token_count': 'reasoningTokens',
      },
    },
  },
  kinds: {
    call_llm: 'generate_content',
  },
  spanNames: [
    // One span more for calls that were made at once; each call has its own.
    { pattern: /^execute_tool \(merged tools\)$/, operation: 'chain', overrules: true },
    { pattern: /^invocation$/, operation: 'invoke_workflow' },
    { pattern: /^agent_run \[(.+)\]$/, operation: 'invoke_agent', agentGroup: 1 },
    { pattern: /^call_llm$/, operation: 'generate_content' },
    { pattern: /^generate_content (.+)$/, operation: 'generate_content', modelGroup: 1 },
  ],
  reasoningOutput: 'excluded',
};
