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

/** A span that this package closes, whatever happens; the first of `end` and `fail` counts. */
export interface OwnedSpan {
  readonly span: Span;
  /** What runs in it is a child of the span. */
  readonly within: Context;
  readonly end: (attributes?: Attributes) => void;
  readonly fail: (error: unknown) => void;
}

/** Opens a span that is watched until it is closed, and closed at the latest when telemetry stops. */
export function openSpan(options: SpanOptions): OwnedSpan {
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
  openSpans.add(span, (reason) => close(() => cutSpan(span, reason)), shared.settings.spanMsMax);
  return {
    span,
    within,
    end: (attributes = {}) => close(() => span.setAttributes(attributes)),
    fail: (error) => close(() => failSpan(span, error)),
  };
}

/** A span that records nothing, for when telemetry is off. */
export const NO_SPAN = trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });

/**
 * Runs `work` inside a span and closes it when the work is over: at once, when its promise settles, or when its
 * stream ends. An error is recorded and goes on to the caller. `finish` tells what the result adds to the span.
 */
export function withSpan<T>(
  options: SpanOptions,
  work: (span: Span) => T,
  finish: (value: unknown) => Attributes = () => ({}),
): T {
  if (isOff()) return work(NO_SPAN);
  const { span, within, end, fail } = openSpan(options);
  try {
    const result = context.with(within, () => work(span));
    return watchResult(result, { done: (value) => end(finish(value)), failed: fail }, within);
  } catch (error) {
    fail(error);
    throw error;
  }
}
