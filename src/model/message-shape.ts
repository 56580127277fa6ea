/** One message, whoever wrote it: OpenTelemetry's parts, OpenAI's content and tool calls, Anthropic's blocks. */

export type PartKind =
  | 'text'
  | 'reasoning'
  | 'tool call'
  | 'tool result'
  | 'image'
  | 'file'
  | 'other';

export interface MessagePart {
  readonly kind: PartKind;
  readonly text: string;
  /** Of a tool call or its result. */
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  /** The sender marked it for the provider's cache. */
  readonly cached: boolean;
  /** The bytes of an image that came with the message. */
  readonly image?: InlineImage | undefined;
}

export interface InlineImage {
  /** One that every browser draws, e.g. `image/png`. */
  readonly mime: string;
  readonly base64: string;
}

export interface Message {
  readonly role: string;
  readonly parts: readonly MessagePart[];
}

type Fields = Readonly<Record<string, unknown>>;

export function toMessage(value: unknown, defaultRole: string): Message {
  if (!isObject(value)) return { role: defaultRole, parts: partsOf(value) };
  // OpenAI's choices and LangChain's generations hold the message within.
  const inner = isObject(value['message']) ? value['message'] : value;
  const kwargs = isObject(inner['kwargs']) ? inner['kwargs'] : inner;
  const role = textOf(kwargs['role'] ?? kwargs['type']) ?? defaultRole;
  const resultId = textOf(kwargs['tool_call_id']);
  const content = kwargs['parts'] ?? kwargs['content'] ?? kwargs['text'];
  const parts = [
    ...reasoningOf(kwargs),
    ...(resultId === undefined
      ? partsOf(content)
      : [part('tool result', plainText(content), { id: resultId, name: textOf(kwargs['name']) })]),
    ...callsOf(kwargs['tool_calls'] ?? kwargs['toolCalls']),
  ];
  const known = parts.length > 0 || Object.keys(value).length === 0;
  return {
    role: ROLES[role] ?? role,
    parts: known ? parts : [part('other', JSON.stringify(value, null, 2))],
  };
}

/** JSON text of messages, of one message, or plain text that is one message. */
export function messagesIn(text: string | undefined, role: string): Message[] {
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

/** Undefined for what is no JSON of an object, a list or a text. */
export function parseJson(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Cut short by its sender: still worth reading as text.
    return undefined;
  }
}

const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  developer: 'system',
  function: 'tool',
};

function partsOf(content: unknown): MessagePart[] {
  if (content === undefined || content === null || content === '') return [];
  if (Array.isArray(content)) return (content as unknown[]).map(partOf);
  return isObject(content) ? [partOf(content)] : [part('text', plainText(content))];
}

function partOf(value: unknown): MessagePart {
  if (!isObject(value)) return part('text', plainText(value));
  const type = textOf(value['type']) ?? '';
  const cached = value['cache_control'] !== undefined && value['cache_control'] !== null;
  const rest = { cached, id: idOf(value), name: nameOf(value) };
  switch (type) {
    case 'tool_call':
    case 'tool-call':
    case 'tool_use':
    case 'server_tool_call':
    case 'function_call':
      return part('tool call', plainText(argumentsOf(value)), rest);
    case 'tool_call_response':
    case 'tool-result':
    case 'tool_result':
    case 'server_tool_call_response':
    case 'function_call_output':
      return part('tool result', plainText(resultOf(value)), rest);
    case 'reasoning':
    case 'thinking':
    case 'redacted_thinking':
      return part(
        'reasoning',
        plainText(value['content'] ?? value['thinking'] ?? value['text']),
        rest,
      );
    case 'image':
    case 'image_url':
    case 'input_image':
      return imagePart(value, cached);
    case 'blob':
    case 'uri':
    case 'file':
      return value['modality'] === 'image'
        ? imagePart(value, cached)
        : part('file', describeMedia(value), { cached });
    default:
      return textPart(value, cached);
  }
}

function textPart(value: Fields, cached: boolean): MessagePart {
  const text = value['content'] ?? value['text'];
  return text === undefined
    ? part('other', JSON.stringify(value, null, 2), { cached })
    : part('text', plainText(text), { cached });
}

function callsOf(calls: unknown): MessagePart[] {
  if (!Array.isArray(calls)) return [];
  return (calls as unknown[])
    .filter(isObject)
    .map((call) =>
      part('tool call', plainText(argumentsOf(call)), { id: idOf(call), name: nameOf(call) }),
    );
}

function reasoningOf(message: Fields): MessagePart[] {
  const text = textOf(message['reasoning_content'] ?? message['reasoning']);
  return text === undefined ? [] : [part('reasoning', text)];
}

function part(
  kind: PartKind,
  text: string,
  rest: { cached?: boolean; id?: string | undefined; name?: string | undefined } = {},
): MessagePart {
  return { kind, text, id: rest.id, name: rest.name, cached: rest.cached === true };
}

function idOf(value: Fields): string | undefined {
  return textOf(
    value['id'] ??
      value['tool_use_id'] ??
      value['toolCallId'] ??
      value['tool_call_id'] ??
      value['call_id'],
  );
}

function functionOf(value: Fields): Fields {
  return isObject(value['function']) ? value['function'] : value;
}

function nameOf(value: Fields): string | undefined {
  return textOf(functionOf(value)['name'] ?? value['toolName']);
}

function argumentsOf(value: Fields): unknown {
  const holder = functionOf(value);
  return holder['arguments'] ?? holder['input'] ?? holder['args'] ?? value['server_tool_call'];
}

function resultOf(value: Fields): unknown {
  return (
    value['response'] ??
    value['result'] ??
    value['content'] ??
    value['output'] ??
    value['server_tool_call_response']
  );
}

function imagePart(value: Fields, cached: boolean): MessagePart {
  return { ...part('image', describeMedia(value), { cached }), image: inlineImageOf(value) };
}

/** Formats without script or references in them. */
const DRAWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const DATA_URL = /^data:([\w/+.-]+);base64,/;

function inlineImageOf(value: Fields): InlineImage | undefined {
  const { address = '', mime, data } = mediaOf(value);
  const inAddress = DATA_URL.exec(address);
  const told = inAddress?.[1] ?? mime ?? '';
  const base64 = inAddress === null ? data : address.slice(inAddress[0].length);
  return base64 !== undefined && DRAWN.has(told) ? { mime: told, base64 } : undefined;
}

function mediaOf(value: Fields) {
  const source = isObject(value['source']) ? value['source'] : value;
  const url = isObject(value['image_url']) ? value['image_url']['url'] : value['image_url'];
  const image = textOf(value['image']);
  return {
    address: textOf(value['uri'] ?? url ?? source['url'] ?? value['file_id']),
    mime: textOf(value['mime_type'] ?? source['media_type'] ?? value['mediaType']),
    data: textOf(value['content'] ?? source['data']) ?? image,
  };
}

/** Never the bytes: what kind, how large, where from. */
function describeMedia(value: Fields): string {
  const { address, mime, data } = mediaOf(value);
  if (address !== undefined && !address.startsWith('data:')) {
    return [mime, address].filter((each) => each !== undefined).join(' ');
  }
  const bytes = Math.floor(((data ?? address ?? '').length * 3) / 4);
  return `${mime ?? 'no type told'}, about ${bytes} bytes`;
}

function plainText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((each) => isObject(each) && each['type'] === 'text')) {
    return (value as Fields[]).map((each) => plainText(each['text'])).join('\n');
  }
  return JSON.stringify(value, null, 2);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
