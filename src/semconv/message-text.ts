import { parseJson } from './json-path.ts';

/** A message of a conversation, whatever library wrote it. */
export interface Message {
  /** `user`, `assistant`, `system`, `tool` or what the sender calls it; '' when it does not say. */
  readonly role: string;
  readonly text: string;
}

/** Libraries' other names for the roles of the conventions. */
const ROLES: Readonly<Record<string, string>> = {
  human: 'user',
  humanmessage: 'user',
  ai: 'assistant',
  aimessage: 'assistant',
  aimessagechunk: 'assistant',
  model: 'assistant',
  bot: 'assistant',
  systemmessage: 'system',
  developer: 'system',
  toolmessage: 'tool',
  function: 'tool',
};
const DEPTH_MAX = 12;
const MESSAGES_MAX = 10_000;
/** Where libraries keep the list of messages in what they dump. */
const LIST_KEYS = [
  'messages',
  'contents',
  'input',
  'inputs',
  'output',
  'outputs',
  'generations',
  'choices',
  'candidates',
  'message',
];
/** Where they keep one text. */
const TEXT_KEYS = [
  'content',
  'text',
  'parts',
  'output',
  'result',
  'answer',
  'response',
  'query',
  'question',
  'prompt',
  'input',
];

/**
 * The messages in a text: JSON of the conventions' messages, of a provider's request or answer, or of a dump.
 * Undefined when there are none to tell apart; the text as a whole is the content then.
 */
export function messagesIn(text: string): readonly Message[] | undefined {
  const first = text.trimStart()[0];
  if (first !== '[' && first !== '{') return undefined;
  const value = parseJson(text);
  if (value === undefined) return undefined;
  const found: Message[] = [];
  collect(value, found, 0);
  return found.length === 0 ? undefined : found;
}

function collect(value: unknown, found: Message[], depth: number): void {
  if (depth > DEPTH_MAX || found.length >= MESSAGES_MAX) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found, depth + 1);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const record = value as Readonly<Record<string, unknown>>;
  const role = roleOf(record);
  if (role !== undefined) {
    found.push({ role, text: textOf(contentOf(record), depth + 1) });
    return;
  }
  for (const key of LIST_KEYS) {
    const before = found.length;
    collect(record[key], found, depth + 1);
    if (found.length > before) return;
  }
}

function roleOf(record: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof record.role === 'string') return known(record.role);
  // LangChain's dumps: {lc, type: 'constructor', id: [..., 'HumanMessage'], kwargs: {content}}.
  if (Array.isArray(record.id) && typeof record.kwargs === 'object') {
    return known(String(record.id.at(-1)));
  }
  const { type } = record;
  if (typeof type === 'string' && 'content' in record && type.toLowerCase() in ROLES) {
    return known(type);
  }
  return undefined;
}

function contentOf(record: Readonly<Record<string, unknown>>): unknown {
  if (typeof record.kwargs === 'object' && record.kwargs !== null) {
    return (record.kwargs as Record<string, unknown>).content;
  }
  return record.parts ?? record.content ?? record.message;
}

function known(role: string): string {
  return ROLES[role.toLowerCase()] ?? role.toLowerCase();
}

/** The words in a message's content: its text parts, joined by line ends. */
function textOf(content: unknown, depth: number): string {
  if (typeof content === 'string') return content;
  if (content === null || content === undefined || depth > DEPTH_MAX) return '';
  if (Array.isArray(content)) {
    return content
      .map((part) => textOf(part, depth + 1))
      .filter((text) => text !== '')
      .join('\n');
  }
  if (typeof content !== 'object') return JSON.stringify(content);
  const part = content as Readonly<Record<string, unknown>>;
  if (typeof part.type === 'string' && !/text/.test(part.type) && part.type !== 'refusal')
    return '';
  const text = part.content ?? part.text ?? part.refusal;
  return text === undefined ? '' : textOf(text, depth + 1);
}

/** What was asked: the last message of the user; of messages without roles, the last. */
export function inputText(text: string): string {
  const messages = messagesIn(text);
  if (messages === undefined) return plainText(text);
  return (
    messages.findLast(({ role, text: words }) => role === 'user' && words !== '') ??
    messages.at(-1)!
  ).text;
}

/** What was answered: the last message of the assistant; of messages without roles, the last. */
export function outputText(text: string): string {
  const messages = messagesIn(text);
  if (messages === undefined) return plainText(text);
  const last = messages.findLast(({ role }) => role === 'assistant') ?? messages.at(-1)!;
  return last.text;
}

/** The instructions among the messages, or ''. */
export function systemText(text: string): string {
  return messagesIn(text)?.find(({ role }) => role === 'system')?.text ?? '';
}

/** A JSON object with one telling text, or a JSON string, by that text; anything else as it is. */
function plainText(text: string): string {
  const first = text.trimStart()[0];
  if (first === undefined || !'"{['.includes(first)) return text;
  return tellingText(parseJson(text), 0) ?? text;
}

/**
 * Beside what a function is given, instrumentations write how it was called: OpenLLMetry's decorators `args` and
 * `kwargs`, its LangChain callbacks `inputs` with `tags` and `metadata`. An AI SDK writes instructions beside the prompt.
 */
const BESIDE_KEYS: ReadonlySet<string> = new Set(['kwargs', 'tags', 'metadata', 'system']);
function isTextPart(part: unknown): part is { readonly text: string } {
  const { text, ...rest } = (part ?? {}) as Readonly<Record<string, unknown>>;
  return typeof text === 'string' && Object.keys(rest).every((key) => key === 'type');
}

const GIVEN_KEYS = ['args', 'inputs', 'outputs'];

function tellingText(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || depth > 2) return undefined;
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isTextPart))
      return value.map(({ text }) => text).join('\n');
    return value.length === 1 && depth > 0 ? tellingText(value[0], depth + 1) : undefined;
  }
  const record = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record).filter((key) => !BESIDE_KEYS.has(key));
  if (keys.length !== 1) return undefined;
  const [key] = keys as [string];
  if (key === 'args' && JSON.stringify(record.kwargs ?? {}) !== '{}') return undefined;
  if (GIVEN_KEYS.includes(key)) return tellingText(record[key], depth + 1);
  const only = record[key];
  return TEXT_KEYS.includes(key) && typeof only === 'string' ? only : undefined;
}
