import type { RunSpan } from '../../storage/run-store.ts';
import type { ContentRole, IndexedMessages } from '../../semconv/content-keys.ts';
import { CONTENT_KEYS, INDEXED_MESSAGES, MESSAGE_INDEX_MAX } from '../../semconv/content-keys.ts';

/** A span's value for a role as it is stored: large parts are payload references. Undefined when it has none. */
export function attributeFor(span: RunSpan, role: ContentRole): string | undefined {
  const { keys } = span;
  if (keys.length === 0) return undefined;
  const ranks = KEY_RANKS[role]!;
  let found: string | undefined;
  let best = Infinity;
  for (let index = 0; index < keys.length; index++) {
    const rank = ranks.get(keys[index]!);
    if (rank === undefined || rank >= best || span.values[index] === '') continue;
    best = rank;
    found = span.values[index];
  }
  return found;
}

/** Where each key stands among those of its role: spans have few keys, and roles many. */
const KEY_RANKS: Readonly<Record<string, ReadonlyMap<string, number>>> = Object.fromEntries(
  Object.entries(CONTENT_KEYS).map(([role, keys]) => [
    role,
    new Map(keys.map((key, rank) => [key, rank])),
  ]),
);

/** Messages that are spread over numbered attributes, as JSON of messages; undefined when there are none. */
export function indexedMessages(span: RunSpan, role: 'input' | 'output'): string | undefined {
  for (const form of INDEXED_MESSAGES[role]) {
    if (!span.keys.some((key) => key.startsWith(form.prefix))) continue;
    const messages = readIndexed(span, form);
    if (messages.length > 0) return JSON.stringify(messages);
  }
  return undefined;
}

function readIndexed(
  { keys, values }: RunSpan,
  { prefix, role, content }: IndexedMessages,
): { role: string; content: string }[] {
  const byNumber = new Map<number, { role: string; content: string }>();
  keys.forEach((key, at) => {
    if (!key.startsWith(prefix)) return;
    const dot = key.indexOf('.', prefix.length);
    const number = Number(key.slice(prefix.length, dot));
    if (dot === -1 || !Number.isInteger(number) || number < 0 || number > MESSAGE_INDEX_MAX) return;
    const message = byNumber.get(number) ?? { role: '', content: '' };
    const rest = key.slice(dot + 1);
    if (rest === role) message.role = values[at]!;
    else if (rest === content) message.content = values[at]!;
    else if (rest.endsWith('message_content.text')) message.content += values[at]!;
    else return;
    byNumber.set(number, message);
  });
  return [...byNumber].toSorted(([one], [other]) => one - other).map(([, message]) => message);
}

interface EventItem {
  readonly name?: string;
  readonly attributes?: readonly {
    readonly key: string;
    readonly value?: { readonly stringValue?: string };
  }[];
}

/** The message of the span's last exception, or ''. */
export function exceptionMessage(span: RunSpan): string {
  if (!span.events.includes('exception.message')) return '';
  const event = eventsOf(span).findLast(({ name }) => name === 'exception');
  return textIn(event, 'exception.message') ?? '';
}

/** What events of older conventions say: the prompt, the answer, and messages one by one, as JSON of messages. */
export function eventMessages(span: RunSpan, role: 'input' | 'output'): string | undefined {
  if (!span.events.includes('gen_ai.')) return undefined;
  const found: { role: string; content: string }[] = [];
  for (const event of eventsOf(span)) {
    const whole = role === 'input' ? 'gen_ai.content.prompt' : 'gen_ai.content.completion';
    if (event.name === whole) {
      const text = textIn(event, role === 'input' ? 'gen_ai.prompt' : 'gen_ai.completion');
      if (text !== undefined) return text;
    }
    if (event.name === 'gen_ai.client.inference.operation.details') {
      const text = textIn(
        event,
        role === 'input' ? 'gen_ai.input.messages' : 'gen_ai.output.messages',
      );
      if (text !== undefined) return text;
    }
    const speaker = EVENT_ROLES[event.name ?? ''];
    if (speaker === undefined || (event.name === 'gen_ai.choice') !== (role === 'output')) continue;
    const content =
      textIn(event, 'content') ?? textIn(event, 'message') ?? textIn(event, 'gen_ai.event.content');
    if (content !== undefined) found.push({ role: speaker, content });
  }
  return found.length === 0 ? undefined : JSON.stringify(found);
}

const EVENT_ROLES: Readonly<Record<string, string>> = {
  'gen_ai.system.message': 'system',
  'gen_ai.user.message': 'user',
  'gen_ai.assistant.message': 'assistant',
  'gen_ai.tool.message': 'tool',
  'gen_ai.choice': 'assistant',
};

function eventsOf(span: RunSpan): readonly EventItem[] {
  // Written by ourselves when the span was received.
  return span.events === '' ? [] : (JSON.parse(span.events) as EventItem[]);
}

function textIn(event: EventItem | undefined, key: string): string | undefined {
  return event?.attributes?.find((attribute) => attribute.key === key)?.value?.stringValue;
}
