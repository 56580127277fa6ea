import { randomBytes } from 'node:crypto';

/** A place in a trace: https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits; '' when only the trace is known. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const TRACE_ID = /^[0-9a-f]{32}$/;

/** Undefined for what is no valid `traceparent`; ids of zeros are not. */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  if (typeof text !== 'string' || text.length > 512) return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text.trim().toLowerCase()) ?? [];
  if (traceId === undefined || spanId === undefined || isZero(traceId) || isZero(spanId)) {
    return undefined;
  }
  return { traceId, spanId, sampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

/** The trace of a header `X-Trace-Id`, which names no span. */
export function parseTraceId(text: unknown): TraceContext | undefined {
  const traceId = typeof text === 'string' ? text.trim().toLowerCase() : '';
  if (!TRACE_ID.test(traceId) || isZero(traceId)) return undefined;
  return { traceId, spanId: '', sampled: true };
}

export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

const isZero = (id: string): boolean => /^0+$/.test(id);

/** Makes ids of spans and traces; passed in where a test decides which. */
export type NewHexId = (bytes: 8 | 16) => string;

export const randomHexId: NewHexId = (bytes) => {
  const id = randomBytes(bytes).toString('hex');
  return isZero(id) ? randomHexId(bytes) : id;
};
