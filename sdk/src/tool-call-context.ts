import { context, createContextKey, type Context, type Span } from '@opentelemetry/api';

interface ToolCall {
  readonly tool: string;
  readonly span: Span;
  /** Whether a protocol's call has put its attributes on the span already. */
  taken: boolean;
}

const TOOL_CALL = createContextKey('signalbox.tool_call');

export function withToolCall<T>(tool: string, span: Span, work: () => T): T {
  const call: ToolCall = { tool, span, taken: false };
  return context.with(context.active().setValue(TOOL_CALL, call), work);
}

/**
 * The open span of the tool's execution that a protocol's call belongs to, once: the convention wants one span for
 * one call, however many layers tell of it.
 */
export function takeToolSpan(of: Context, tool: string): Span | undefined {
  const call = of.getValue(TOOL_CALL) as ToolCall | undefined;
  if (call === undefined || call.taken || call.tool !== tool) return undefined;
  call.taken = true;
  return call.span;
}
