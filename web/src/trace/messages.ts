import { formatAnyValue } from '../span.ts';
import type { Span } from '../span.ts';
import { messagesIn, parseJson, toMessage } from '../../../src/model/message-shape.ts';
import type { Message } from '../../../src/model/message-shape.ts';
import { numberedMessages } from '../../../src/model/numbered-messages.ts';

/** What a model was told and what it answered, in whatever convention the span was written. */
export interface SpanMessages {
  readonly input: readonly Message[];
  readonly output: readonly Message[];
}

const NONE: SpanMessages = { input: [], output: [] };

/** The messages of one span; empty where content was not captured. */
export function messagesOf(span: Span): SpanMessages {
  const attributes = new Map((span.attributes ?? []).map(({ key, value }) => [key, value]));
  const text = (key: string): string | undefined => {
    const value = attributes.get(key);
    return value === undefined ? undefined : formatAnyValue(value);
  };
  for (const read of READERS) {
    const found = read(text, span);
    if (found.input.length + found.output.length > 0) return found;
  }
  return NONE;
}

type ReadText = (key: string) => string | undefined;
type Reader = (text: ReadText, span: Span) => SpanMessages;

const READERS: readonly Reader[] = [
  readConventions,
  (_, span) => readNumbered(span, 'llm.input_messages.', 'llm.output_messages.', 'message.'),
  (_, span) => readNumbered(span, 'gen_ai.prompt.', 'gen_ai.completion.', ''),
  readEvents,
  (text) => readPair(text, 'ai.prompt.messages', 'ai.response.text'),
  (text) => readPair(text, 'gen_ai.prompt', 'gen_ai.completion'),
  (text) => readPair(text, 'langfuse.observation.input', 'langfuse.observation.output'),
  (text) => readPair(text, 'input.value', 'output.value'),
  (text) => readPair(text, 'traceloop.entity.input', 'traceloop.entity.output'),
  (text) => readPair(text, 'mlflow.spanInputs', 'mlflow.spanOutputs'),
  // Claude Code and others tell of a prompt by itself.
  (text) => ({
    input: messagesIn(text('user_prompt') ?? text('prompt'), 'user'),
    output: messagesIn(text('response_text'), 'assistant'),
  }),
];

/** `gen_ai.system_instructions`, `gen_ai.input.messages`, `gen_ai.output.messages` (conventions since 1.37). */
function readConventions(text: ReadText): SpanMessages {
  const system = parseJson(text('gen_ai.system_instructions'));
  const instructions =
    system === undefined ? [] : [toMessage({ role: 'system', parts: system }, 'system')];
  return {
    input: [...instructions, ...messagesIn(text('gen_ai.input.messages'), 'user')],
    output: messagesIn(text('gen_ai.output.messages'), 'assistant'),
  };
}

function readPair(text: ReadText, input: string, output: string): SpanMessages {
  return {
    input: messagesIn(text(input), 'user'),
    output: messagesIn(text(output), 'assistant'),
  };
}

/** One attribute for every field of a message. */
function readNumbered(span: Span, input: string, output: string, inner: string): SpanMessages {
  const entries = (span.attributes ?? [])
    .filter(({ key }) => key.startsWith(input) || key.startsWith(output))
    .map(({ key, value }) => [key, formatAnyValue(value)] as const);
  return {
    input: numberedMessages(entries, input, inner, 'user'),
    output: numberedMessages(entries, output, inner, 'assistant'),
  };
}

const ROLE_EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$/;

/** Events of the conventions before 1.37: a message each, or prompt and completion as JSON. */
function readEvents(_text: ReadText, span: Span): SpanMessages {
  const input: Message[] = [];
  const output: Message[] = [];
  for (const { name = '', attributes = [] } of span.events ?? []) {
    const fields = Object.fromEntries(
      attributes.map(({ key, value }) => [
        key.replace(/^gen_ai\.event\./, ''),
        formatAnyValue(value),
      ]),
    );
    const role = ROLE_EVENT.exec(name)?.[1];
    if (role !== undefined) input.push(toMessage(eventBody(fields, role), role));
    else if (name === 'gen_ai.choice')
      output.push(toMessage(eventBody(fields, 'assistant'), 'assistant'));
    else if (name === 'gen_ai.content.prompt')
      input.push(...messagesIn(fields['gen_ai.prompt'], 'user'));
    else if (name === 'gen_ai.content.completion') {
      output.push(...messagesIn(fields['gen_ai.completion'], 'assistant'));
    }
  }
  return { input, output };
}

function eventBody(fields: Readonly<Record<string, string>>, role: string): unknown {
  const body = parseJson(fields['body'] ?? fields['message'] ?? fields['event.body']);
  const base = typeof body === 'object' && body !== null ? body : fields;
  const parsed = Object.fromEntries(
    Object.entries(base).map(([key, value]) => [
      key,
      typeof value === 'string' && key !== 'id' ? (parseJson(value) ?? value) : value,
    ]),
  );
  // What a tool answered names its call by an id of its own.
  const answered = role === 'tool' && parsed['id'] !== undefined;
  return { role, ...(answered ? { tool_call_id: parsed['id'] } : {}), ...parsed };
}
