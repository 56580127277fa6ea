import type { Dialect } from '../dialect.ts';

/**
 * Gemini CLI's traces and log records. Of its calls the spans come in traces of their own, without tokens unless traces
 * are switched on, and then without the thoughts and the cache: the records count. Gemini counts thoughts beside the candidates. It also tells of each call by the
 * conventions' event, twice and with less, which is passed over. https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md
 */
export const geminiCli: Dialect = {
  id: 'gemini_cli',
  framework: 'gemini_cli',
  scopes: ['gemini-cli'],
  scopeRules: [{ scopes: ['gemini-cli'], reasoningOutput: 'excluded' }],
  fingerprints: ['gemini_cli.*'],
  attributes: {
    model: { field: 'requestModel', own: true },
    'user.email': { field: 'user', own: true },
    function_name: { field: 'toolName', own: true },
    'gen_ai.tool.call_id': 'toolCallId',
    success: { field: 'outcome', own: true },
    input_token_count: { field: 'inputTokens', own: true },
    output_token_count: { field: 'outputTokens', own: true },
    cached_content_token_count: { field: 'cacheReadTokens', own: true },
    thoughts_token_count: { field: 'reasoningTokens', own: true },
    finish_reasons: { field: 'finishReasons', own: true },
  },
  kinds: {
    tool_call: 'execute_tool',
    llm_call: 'chat',
    agent_call: 'invoke_agent',
    user_prompt: 'invoke_agent',
    system_prompt: 'chain',
    schedule_tool_calls: 'chain',
  },
  recordsTell: true,
  events: {
    prefix: 'gemini_cli.',
    told: {
      user_prompt: { operation: 'invoke_agent' },
      api_response: { operation: 'generate_content' },
      api_error: { operation: 'generate_content', failed: true },
      tool_call: { operation: 'execute_tool' },
    },
    conversation: 'session.id',
    prompt: 'prompt_id',
    durationMs: 'duration_ms',
    errors: ['error.message', 'error'],
    reasoningOutput: 'excluded',
  },
};
