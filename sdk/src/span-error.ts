import { SpanStatusCode, type Span } from '@opentelemetry/api';

import { redacted } from './content.ts';
import type { ForcedEnd } from './open-spans.ts';

const FORCED_MESSAGES: Readonly<Record<ForcedEnd, string>> = {
  timeout: 'no end came within the time that a call may take',
  shutdown: 'the process was stopped before the end came',
  overflow: 'more spans were open than are watched',
};

/** The value of `error.type`: a name of few kinds, never a message. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  if (error.name !== 'Error' && error.name !== '') return error.name;
  return error.constructor.name || 'Error';
}

/** Marks a span as failed; returns its `error.type`. Never throws: the error is the caller's, whatever it is. */
export function failSpan(span: Span, error: unknown): string {
  try {
    return describeFailure(span, error);
  } catch {
    span.setAttribute('error.type', '_OTHER');
    span.setStatus({ code: SpanStatusCode.ERROR });
    return '_OTHER';
  }
}

function describeFailure(span: Span, error: unknown): string {
  const type = errorTypeOf(error);
  if (!span.isRecording()) return type;
  const message = redacted(messageOf(error), 'exception.message');
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : undefined;
  span.addEvent('exception', {
    'exception.type': type,
    'exception.message': message,
    // The stack begins with the message.
    ...(stack === undefined
      ? {}
      : { 'exception.stacktrace': redacted(stack, 'exception.stacktrace') }),
  });
  span.setAttribute('error.type', type);
  const status = (error as { status?: unknown } | null | undefined)?.status;
  if (typeof status === 'number') span.setAttribute('http.response.status_code', status);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  return type;
}

/** Marks a span whose work this package stopped waiting for. */
export function cutSpan(span: Span, reason: ForcedEnd): string {
  span.setAttribute('error.type', reason);
  span.setStatus({ code: SpanStatusCode.ERROR, message: FORCED_MESSAGES[reason] });
  return reason;
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return 'an error without a text';
  }
}
