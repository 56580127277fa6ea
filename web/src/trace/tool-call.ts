import type { Message, MessagePart } from '../../../src/model/message-shape.ts';
import { formatAnyValue } from '../span.ts';
import type { Span } from '../span.ts';

/** Where spans of tools say what they were given and what they gave, the conventions' own words first. */
const GIVEN = [
  'gen_ai.tool.call.arguments',
  'ai.toolCall.args',
  'tool_arguments',
  'gen_ai.tool.input',
  'tool_parameters',
  'tool_input',
  'arguments',
  'tool.parameters',
  'input.value',
  'traceloop.entity.input',
];
const RESULT = [
  'gen_ai.tool.call.result',
  'ai.toolCall.result',
  'tool_response',
  'gen_ai.tool.output',
  'tool.output',
  'output',
  'output.value',
  'traceloop.entity.output',
];
const IDS = ['gen_ai.tool.call.id', 'ai.toolCall.id', 'tool_use_id', 'call_id', 'tool_call.id'];

/** A tool's span as a call with what came back; undefined where it tells of neither. */
export function toolCallOf(
  span: Span,
): { readonly message: Message; readonly result: string | undefined } | undefined {
  const values = new Map((span.attributes ?? []).map(({ key, value }) => [key, value]));
  const first = (keys: readonly string[]): string | undefined => {
    const value = keys.map((key) => values.get(key)).find((each) => each !== undefined);
    return value === undefined ? undefined : formatAnyValue(value);
  };
  const given = first(GIVEN);
  const result = first(RESULT);
  if (given === undefined && result === undefined) return undefined;
  const call: MessagePart = {
    kind: 'tool call',
    text: given ?? '',
    id: first(IDS),
    name: span.genai?.tool_name ?? undefined,
    cached: false,
  };
  return { message: { role: 'tool', parts: [call] }, result };
}
