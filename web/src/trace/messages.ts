import { formatAnyValue } from '../span.ts';
import type { KeyValue, Span } from '../span.ts';
import { toMessage } from './message-shape.ts';
import type { Message } from './message-shape.ts';

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
  (text, span) =>
    readIndexed(text, span, 'llm.input_messages.', 'llm.output_messages.', 'message.'),
  (text, span) => readIndexed(text, span, 'gen_ai.prompt.', 'gen_ai.completion.', ''),
  readEvents,
  (text) => readPair(text, 'ai.prompt.messages', 'ai.response.text'),
  (text) => readPair(text, 'gen_ai.prompt', 'gen_ai.completion'),
  (text) => readPair(text, 'langfuse.observation.input', 'langfuse.observation.output'),
  (text) => readPair(text, 'input.value', 'output.value'),
  (text) => readPair(text, 'traceloop.entity.input', 'traceloop.entity.output'),
  (text) => readPair(text, 'mlflow.spanInputs', 'mlflow.spanOutputs'),
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

/** JSON text of messages, of one message, or plain text that is one message. */
function messagesIn(text: string | undefined, role: string): Message[] {
  if (text === undefined || text.trim() === '') return [];
  const value = parseJson(text);
  if (value === undefined) return [toMessage({ role, content: text }, role)];
  return listIn(value).map((each) => toMessage(each, role));
}

/** The messages in what providers' requests and answers look like. */
function listIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    // LangChain batches: a list of lists.
    const first: unknown = value[0];
    return Array.isArray(first) ? (first as unknown[]) : (value as unknown[]);
  }
  if (typeof value !== 'object' || value === null) return [value];
  const object = value as Readonly<Record<string, unknown>>;
  for (const key of ['messages', 'input', 'prompt', 'choices', 'generations', 'output']) {
    const inner = object[key];
    if (Array.isArray(inner) && inner.length > 0) return listIn(inner);
  }
  return [value];
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Cut short by its sender: still worth reading as text.
    return undefined;
  }
}

const INDEX = /^(\d{1,4})\.(.+)$/;

/** `llm.input_messages.0.message.role`, `gen_ai.prompt.0.content`: one attribute per field of a message. */
function readIndexed(
  _text: ReadText,
  span: Span,
  input: string,
  output: string,
  inner: string,
): SpanMessages {
  return {
    input: gather(span.attributes ?? [], input, inner, 'user'),
    output: gather(span.attributes ?? [], output, inner, 'assistant'),
  };
}

function gather(
  attributes: readonly KeyValue[],
  prefix: string,
  inner: string,
  role: string,
): Message[] {
  const byIndex = new Map<number, Record<string, unknown>>();
  for (const { key, value } of attributes) {
    if (!key.startsWith(prefix)) continue;
    const match = INDEX.exec(key.slice(prefix.length));
    if (match === null) continue;
    const path = match[2]!.startsWith(inner) ? match[2]!.slice(inner.length) : match[2]!;
    const at = Number(match[1]);
    let fields = byIndex.get(at);
    if (fields === undefined) byIndex.set(at, (fields = {}));
    assign(fields, path.split('.'), formatAnyValue(value));
  }
  return [...byIndex]
    .toSorted(([a], [b]) => a - b)
    .map(([, fields]) => toMessage(unwrap(fields), role));
}

/** `tool_calls.0.tool_call.function.name` into nested objects; numbers stay keys. */
function assign(into: Record<string, unknown>, path: readonly string[], value: string): void {
  const [first, ...rest] = path;
  // Keys come from telemetry: none of them may reach an object's prototype.
  if (first === undefined || first === '__proto__') return;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const held = Object.hasOwn(into, first) ? into[first] : undefined;
  const next = typeof held === 'object' && held !== null ? held : {};
  into[first] = next;
  assign(next as Record<string, unknown>, rest, value);
}

const WRAPPERS = ['tool_call', 'message_content', 'function'] as const;

/** Objects whose keys are numbers become lists, and the wrappers that OpenInference puts around things go. */
function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key))) {
    return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, each]) => unwrap(each));
  }
  const only = entries.length === 1 ? entries[0]! : undefined;
  if (only !== undefined && WRAPPERS.some((name) => name === only[0])) return unwrap(only[1]);
  const plain = Object.fromEntries(entries.map(([key, each]) => [key, unwrap(each)]));
  // OpenInference's `contents` is what others call `content`.
  if (plain['content'] === undefined && plain['contents'] !== undefined) {
    plain['content'] = plain['contents'];
  }
  return plain;
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
  return { role, ...parsed };
}
