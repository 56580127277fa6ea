import type { Dialect } from '../dialect.ts';

/**
 * OpenAI Codex CLI's traces and log records. Of a request it tells how it ended only where it failed before an answer
 * came; the usage comes with the end of the answer. https://developers.openai.com/codex/config-advanced
 */
export const codex: Dialect = {
  id: 'codex',
  framework: 'codex',
  scopes: [/^codex/],
  fingerprints: ['codex.*'],
  attributes: {
    model: { field: 'requestModel', own: true },
    'conversation.id': { field: 'conversation', believed: 'last' },
    'user.account_id': { field: 'user', own: true },
    'user.email': { field: 'user', own: true },
    tool_name: { field: 'toolName', own: true },
    call_id: { field: 'toolCallId', own: true },
    success: { field: 'outcome', own: true },
    'codex.turn.token_usage.input_tokens': 'inputTokens',
    input_token_count: { field: 'inputTokens', own: true },
    'codex.turn.token_usage.output_tokens': 'outputTokens',
    output_token_count: { field: 'outputTokens', own: true },
    'codex.turn.token_usage.cached_input_tokens': 'cacheReadTokens',
    cached_token_count: { field: 'cacheReadTokens', own: true },
    'codex.turn.token_usage.reasoning_output_tokens': 'reasoningTokens',
    'codex.usage.reasoning_output_tokens': 'reasoningTokens',
    reasoning_token_count: { field: 'reasoningTokens', own: true },
  },
  spanNames: [
    { pattern: /^(?:session_task\.)?turn$/, operation: 'invoke_agent' },
    // One for each request, whether or not an answer comes; below it one for each event of the answer, of which the
    // last tells of tokens. Many others name the model, too.
    { pattern: /^try_run_sampling_request$/, operation: 'chat' },
    { pattern: /^handle_responses$/, operation: 'chat', withTokens: true },
    { pattern: /^handle_responses$/, operation: 'chain' },
  ],
  mentionsModels: true,
  events: {
    prefix: 'codex.',
    told: {
      user_prompt: { operation: 'invoke_agent' },
      sse_event: {
        operation: 'chat',
        when: { 'event.kind': ['response.completed', 'response.failed'] },
      },
      api_request: { operation: 'chat', needs: ['error.message'] },
      tool_result: { operation: 'execute_tool' },
    },
    conversation: 'conversation.id',
    durationMs: 'duration_ms',
    errors: ['error.message'],
  },
};
