import { SPAN_KIND } from '../../model/outgoing-telemetry.ts';
import type { Attributes } from '../../model/outgoing-telemetry.ts';
import type { Random } from './random.ts';

/** OTLP's numbers for a span's kind. */
export const KIND = SPAN_KIND;

/** OTLP's numbers for a log record's severity. */
export const SEVERITY = { debug: 5, info: 9, warn: 13, error: 17 } as const;

export interface DemoEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: Attributes;
}

export interface DemoSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  /** Milliseconds since the run began. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events: readonly DemoEvent[];
  /** Set on a failed span: its status message. */
  readonly failure: string | undefined;
}

export interface DemoLog {
  readonly traceId: string;
  readonly spanId: string;
  readonly atMs: number;
  readonly severity: number;
  /** Text, or a map of values. */
  readonly body: string | Attributes;
  readonly eventName: string | undefined;
  readonly attributes: Attributes;
}

/** One answered model call, for the metrics that an instrumentation reports beside its spans. */
export interface ModelCall {
  readonly operation: string;
  readonly provider: string;
  readonly model: string;
  readonly durationMs: number;
  /** Includes the tokens read from and written to the cache. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One run of an agent as its instrumentation reports it, with times counted from its beginning. */
export interface Run {
  readonly resource: Attributes;
  readonly scope: { readonly name: string; readonly version: string };
  readonly spans: readonly DemoSpan[];
  readonly logs: readonly DemoLog[];
  readonly modelCalls: readonly ModelCall[];
  readonly durationMs: number;
}

export interface SpanOptions {
  readonly kind?: number;
  readonly attributes: Attributes;
  /** Attributes known only at the end, asked for after the body has run. */
  readonly results?: () => Attributes;
}

/** Records one run. Spans nest as their bodies do, and time passes only by `wait`. */
export interface Recorder {
  readonly random: Random;
  wait(minMs: number, maxMs: number): void;
  /** The body returns the failure's message when the work failed. */
  span(name: string, options: SpanOptions, body: () => string | void): string | void;
  event(name: string, attributes: Attributes): void;
  log(severity: number, body: DemoLog['body'], attributes?: Attributes, eventName?: string): void;
  modelCall(call: Omit<ModelCall, 'durationMs'>, durationMs: number): void;
  /** Runs bodies side by side: each begins now, and the last to end sets the time. */
  together(bodies: readonly (() => void)[]): void;
}

interface OpenSpan {
  readonly spanId: string;
  readonly events: DemoEvent[];
}

/** Runs `story` against a recorder and returns what it recorded. */
export function recordRun(
  random: Random,
  origin: Pick<Run, 'resource' | 'scope'>,
  story: (recorder: Recorder) => void,
): Run {
  const traceId = random.hex(16);
  const spans: DemoSpan[] = [];
  const logs: DemoLog[] = [];
  const modelCalls: ModelCall[] = [];
  const open: OpenSpan[] = [];
  let nowMs = 0;
  const recorder: Recorder = {
    random,
    wait(minMs, maxMs) {
      nowMs += random.between(minMs, maxMs);
    },
    span(name, { kind = KIND.internal, attributes, results }, body) {
      const spanId = random.hex(8);
      const parentSpanId = open.at(-1)?.spanId ?? '';
      const startMs = nowMs;
      const events: DemoEvent[] = [];
      open.push({ spanId, events });
      const failure = body() ?? undefined;
      open.pop();
      const all = { ...attributes, ...results?.() };
      const ids = { traceId, spanId, parentSpanId };
      spans.push({ ...ids, name, kind, startMs, endMs: nowMs, attributes: all, events, failure });
      return failure;
    },
    event(name, attributes) {
      open.at(-1)?.events.push({ name, atMs: nowMs, attributes });
    },
    log(severity, body, attributes = {}, eventName) {
      const spanId = open.at(-1)?.spanId ?? '';
      logs.push({ traceId, spanId, atMs: nowMs, severity, body, eventName, attributes });
    },
    modelCall(call, durationMs) {
      modelCalls.push({ ...call, durationMs });
    },
    together(bodies) {
      const startMs = nowMs;
      let endMs = startMs;
      for (const body of bodies) {
        nowMs = startMs;
        body();
        endMs = Math.max(endMs, nowMs);
      }
      nowMs = endMs;
    },
  };
  story(recorder);
  return { ...origin, spans, logs, modelCalls, durationMs: nowMs };
}
