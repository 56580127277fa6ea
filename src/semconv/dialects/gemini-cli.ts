import type { Dialect } from '../dialect.ts';

/** Gemini CLI's traces. Gemini counts thoughts beside the candidates. https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/telemetry.md */
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
};
