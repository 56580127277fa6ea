import type { AnyValue, KeyValue, Span, SpanEvent } from '../span.ts';
import { messagesOf } from './messages.ts';

/** What of a log record is needed to read the messages that it tells of. */
export interface MessageLog {
  readonly spanId: string;
  readonly eventName: string;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
}

/** A whole call in one event (conventions since 1.37); its attributes are those that a span may have instead. */
const DETAILS = 'gen_ai.client.inference.operation.details';
/** Events of the conventions before: a message each, in the body. */
const MESSAGE = /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice)$/;

/** Records by the span whose messages they tell. */
export function messageLogsBySpan<T extends MessageLog>(
  records: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const bySpan = new Map<string, T[]>();
  for (const record of records) {
    if (record.eventName !== DETAILS && !MESSAGE.test(record.eventName)) continue;
    const beside = bySpan.get(record.spanId);
    if (beside === undefined) bySpan.set(record.spanId, [record]);
    else beside.push(record);
  }
  return bySpan;
}

/** The span as if it had carried the messages itself; as it is when it does, or when no record tells of any. */
export function withLoggedMessages(span: Span, records: readonly MessageLog[] | undefined): Span {
  if (records === undefined) return span;
  const own = messagesOf(span);
  if (own.input.length + own.output.length > 0) return span;
  const details = records.findLast(({ eventName }) => eventName === DETAILS);
  if (details !== undefined) {
    return { ...span, attributes: [...(span.attributes ?? []), ...details.attributes] };
  }
  return { ...span, events: [...(span.events ?? []), ...records.map(toEvent)] };
}

function toEvent({ eventName, body }: MessageLog): SpanEvent {
  const text = body.stringValue;
  const isText = text !== undefined && !/^\s*[[{]/.test(text);
  return { name: eventName, attributes: [{ key: isText ? 'content' : 'body', value: body }] };
}
