import { messagesIn, parseJson, toMessage } from '../../model/message-shape.ts';
import type { Message } from '../../model/message-shape.ts';
import { numberedMessages } from '../../model/numbered-messages.ts';
import { joinPayloads, payloadHashesOf } from '../../model/payload-text.ts';
import { INDEXED_MESSAGES } from '../../semconv/content-keys.ts';
import type { RunSpan } from '../../storage/run-store.ts';
import { attributeFor, eventMessages } from '../runs/span-content.ts';
import type { PayloadTexts } from '../runs/run-content.ts';

/** What a model was told and what it answered, as one span tells. */
export interface SpanMessages {
  readonly input: readonly Message[];
  readonly output: readonly Message[];
}

const ROLES = { input: 'user', output: 'assistant' } as const;
type Direction = keyof typeof ROLES;

/** The references in what a span tells of messages, each once. */
export function messageHashesIn(span: RunSpan): ReadonlySet<string> {
  const hashes = new Set<string>();
  for (const value of span.values) for (const hash of payloadHashesOf(value)) hashes.add(hash);
  return hashes;
}

/** Empty where content was not captured. Instructions that stand apart come first, as a message of the system. */
export function spanMessages(span: RunSpan, payloads: PayloadTexts): SpanMessages {
  const input = saidIn(span, 'input', payloads);
  const output = saidIn(span, 'output', payloads);
  if (input.some(({ role }) => role === 'system')) return { input, output };
  return { input: [...instructionsOf(span, payloads), ...input], output };
}

function saidIn(span: RunSpan, direction: Direction, payloads: PayloadTexts): Message[] {
  const role = ROLES[direction];
  const text = attributeFor(span, direction);
  const structured = text === undefined ? [] : messagesIn(joinPayloads(text, payloads), role);
  // A dump of everything is told of beside messages field by field, never the other way round.
  if (structured.some((message) => message.parts.some(({ kind }) => kind !== 'other')))
    return structured;
  for (const form of INDEXED_MESSAGES[direction]) {
    const inner = form.role.slice(0, form.role.lastIndexOf('.') + 1);
    const entries = span.keys.map(
      (key, at) => [key, joinPayloads(span.values[at]!, payloads)] as const,
    );
    const found = numberedMessages(entries, form.prefix, inner, role);
    if (found.length > 0) return found;
  }
  const events = eventMessages(span, direction);
  return events === undefined ? structured : messagesIn(events, role);
}

function instructionsOf(span: RunSpan, payloads: PayloadTexts): Message[] {
  const text = attributeFor(span, 'systemPrompt');
  if (text === undefined) return [];
  const whole = joinPayloads(text, payloads);
  return [toMessage({ role: 'system', parts: parseJson(whole) ?? whole }, 'system')];
}
