import {
  context,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanKind,
  type Tracer,
} from '@opentelemetry/api';

import { watchResult } from './async-result.ts';
import { contextAttributes } from './context-identity.ts';
import { isOff, shared } from './shared-state.ts';
import { cutSpan, failSpan } from './span-error.ts';
import { SCOPE_NAME, VERSION } from './version.ts';

export interface SpanOptions {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** Where the span begins; the active context unless given. */
  readonly parent?: Context | undefined;
}

export function tracer(): Tracer {
  return trace.getTracer(SCOPE_NAME, VERSION);
}

export function startSpan(options: SpanOptions): { readonly span: Span; readonly within: Context } {
  const parent = options.parent ?? context.active();
  const attributes = { ...contextAttributes(parent), ...options.attributes };
  const span = tracer().startSpan(options.name, { kind: options.kind, attributes }, parent);
  return { span, within: trace.setSpan(parent, span) };
}

/**
 * Runs `work` inside a span and closes it when the work is over: at once, when its promise settles, or when its
 * stream ends. An error is recorded and goes on to the caller. `finish` may add to the span what the result says.
 */
export function withSpan<T>(
  options: SpanOptions,
  work: (span: Span) => T,
  finish?: (span: Span, value: unknown) => void,
): T {
  if (isOff()) return work(trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 }));
  const { span, within } = startSpan(options);
  const { openSpans } = shared;
  let open = true;
  const close = (last: () => void): void => {
    if (!open) return;
    open = false;
    openSpans.delete(span);
    last();
    span.end();
  };
  openSpans.add(span, (reason) => close(() => cutSpan(span, reason)));
  const outcome = {
    done: (value: unknown) => close(() => finish?.(span, value)),
    failed: (error: unknown) => close(() => failSpan(span, error)),
  };
  try {
    return watchResult(
      context.with(within, () => work(span)),
      outcome,
      within,
    );
  } catch (error) {
    outcome.failed(error);
    throw error;
  }
}
