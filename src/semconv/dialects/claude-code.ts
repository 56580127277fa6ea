import type { Dialect } from '../dialect.ts';

/**
 * Claude Code's traces, and its log records, which are all that it sends unless its traces are switched on. Its input leaves the cache out, and its `user.id` is an installation.
 * https://code.claude.com/docs/en/monitoring-usage
 */
export const claudeCode: Dialect = {
  id: 'claude_code',
  framework: 'claude_code',
  scopes: [/^com\.anthropic\.claude_code/],
  attributes: {
    'span.type': { field: 'kind', own: true },
    model: { field: 'requestModel', own: true },
    'user.account_uuid': { field: 'user', own: true, believed: 'first' },
    'user.email': { field: 'user', own: true, believed: 'first' },
    tool_name: { field: 'toolName', own: true },
    tool_use_id: { field: 'toolCallId', own: true },
    success: { field: 'outcome', own: true },
    stop_reason: { field: 'finishReasons', own: true },
    speed: { field: 'serviceTier', own: true },
    input_tokens: 'inputTokens',
    output_tokens: 'outputTokens',
    cache_read_tokens: 'cacheReadTokens',
    cache_creation_tokens: 'cacheWriteTokens',
    cost_usd: { field: 'reportedCost', own: true },
  },
  kinds: {
    interaction: 'invoke_agent',
    llm_request: 'chat',
    tool: 'execute_tool',
    'tool.blocked_on_user': 'chain',
    'tool.execution': 'chain',
    hook: 'chain',
  },
  spanNames: [
    { pattern: /^claude_code\.interaction$/, operation: 'invoke_agent', anywhere: true },
    { pattern: /^claude_code\.llm_request$/, operation: 'chat', anywhere: true },
    { pattern: /^claude_code\.tool$/, operation: 'execute_tool', anywhere: true },
    { pattern: /^claude_code\.(?:tool\.|hook)/, operation: 'chain', anywhere: true },
  ],
  cachedInput: 'excluded',
  events: {
    prefix: 'claude_code.',
    told: {
      user_prompt: { operation: 'invoke_agent' },
      api_request: { operation: 'chat' },
      api_error: { operation: 'chat', failed: true },
      tool_result: { operation: 'execute_tool' },
    },
    conversation: 'session.id',
    prompt: 'prompt.id',
    durationMs: 'duration_ms',
    errors: ['error'],
  },
};
