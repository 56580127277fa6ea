import { ANSWER_ID_KEYS } from '../model/counted-usage.ts';

/**
 * Which attributes hold what was said: inputs, outputs, arguments and results of tools, and what an agent is
 * configured with. Unlike the fields of a dialect these are not columns; they are read where content is asked for.
 * Of several keys for one role the earlier wins: structured messages first, then what a dialect writes in its own
 * form, then what any span may carry.
 */
export const CONTENT_KEYS = {
  input: [
    'gen_ai.input.messages',
    'ai.prompt.messages',
    'ai.prompt',
    'pydantic_ai.all_messages',
    'gen_ai.prompt',
    'langfuse.observation.input',
    'langfuse.trace.input',
    'mlflow.spanInputs',
    'genkit:input',
    'gcp.vertex.agent.llm_request',
    'request_data',
    'raw_input',
    'haystack.pipeline.input_data',
    'mastra.agent_run.input',
    'gen_ai.task.input',
    'traceloop.entity.input',
    'user_prompt',
    'prompt',
    'input.value',
  ],
  output: [
    'gen_ai.output.messages',
    'ai.response.text',
    'ai.response.object',
    'ai.result.text',
    'final_result',
    'gen_ai.completion',
    'langfuse.observation.output',
    'langfuse.trace.output',
    'mlflow.spanOutputs',
    'genkit:output',
    'gcp.vertex.agent.llm_response',
    'response_data',
    'response',
    'haystack.pipeline.output_data',
    'haystack.component.output',
    'mastra.agent_run.output',
    'gen_ai.task.output',
    'traceloop.entity.output',
    'response_text',
    'output.value',
  ],
  toolArguments: [
    'gen_ai.tool.call.arguments',
    'ai.toolCall.args',
    'tool_arguments',
    'gen_ai.tool.args',
    'gen_ai.tool.input',
    'gcp.vertex.agent.tool_call_args',
    'mcp.request.argument',
    'function_args',
    'tool_parameters',
    'tool_input',
    'arguments',
    'tool.parameters',
  ],
  toolResult: [
    'gen_ai.tool.call.result',
    'ai.toolCall.result',
    'tool_response',
    'gen_ai.tool.output',
    'gcp.vertex.agent.tool_response',
    'mcp.response.value',
    'tool.output',
    'output',
  ],
  systemPrompt: ['gen_ai.system_instructions', 'gen_ai.agent.instructions', 'ai.prompt.system'],
  toolDefinitions: [
    'gen_ai.tool.definitions',
    'gen_ai.agent.tools',
    'ai.prompt.tools',
    'model_request_parameters',
    'mlflow.chat.tools',
    'tools',
  ],
  responseId: ANSWER_ID_KEYS,
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ContentRole = keyof typeof CONTENT_KEYS;

/**
 * Messages that are spread over one attribute for every part of each: the keys' beginning, what follows the number,
 * and where the role and the text stand.
 */
export interface IndexedMessages {
  readonly prefix: string;
  readonly role: string;
  readonly content: string;
}

export const INDEXED_MESSAGES: Readonly<Record<'input' | 'output', readonly IndexedMessages[]>> = {
  input: [
    { prefix: 'llm.input_messages.', role: 'message.role', content: 'message.content' },
    { prefix: 'gen_ai.prompt.', role: 'role', content: 'content' },
    { prefix: 'llm.prompts.', role: 'role', content: 'content' },
  ],
  output: [
    { prefix: 'llm.output_messages.', role: 'message.role', content: 'message.content' },
    { prefix: 'gen_ai.completion.', role: 'role', content: 'content' },
    { prefix: 'llm.completions.', role: 'role', content: 'content' },
  ],
};

/** Numbers beyond this are not read: nobody's conversation is so long, and a sender may lie. */
export const MESSAGE_INDEX_MAX = 1_024;

export const CONTENT_ATTRIBUTES = {
  exact: [...new Set(Object.values(CONTENT_KEYS).flat())],
  prefixes: Object.values(INDEXED_MESSAGES).flatMap((forms) => forms.map(({ prefix }) => prefix)),
} as const;
