import type { SpanCondition, TimeRange, TracePosition, TraceStore } from './trace-store.ts';

/** What the suites for `TraceStore` store and ask. */

/** A store that the suite may fill. */
export interface TraceStoreUnderTest {
  readonly store: TraceStore;
  /** Stores requests in OTLP/JSON as one segment, received at the time. */
  write(
    requests: readonly { project?: string; body: unknown }[],
    receivedAtMs?: number,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Nanoseconds since 1970 UTC of 2026-11-20 12:00. */
export const NOON_NS = 1_795_176_000_000_000_000n;
export const NOON_MS = 1_795_176_000_000;
export const ALWAYS: TimeRange = { fromNs: undefined, toNs: undefined };

export interface SpanOptions {
  readonly id: number;
  readonly parent?: number;
  /** After noon. */
  readonly atNs?: number;
  readonly lastsNs?: number;
  readonly name?: string;
  readonly error?: boolean;
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** OTLP/JSON. */
  readonly events?: readonly unknown[];
}

export const hex = (value: number, bytes: number): string =>
  value.toString(16).padStart(bytes * 2, '0');
export const traceIdOf = (trace: number): string => hex(trace, 16);
export const attributesOf = (values: Readonly<Record<string, string | number>>): unknown[] =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));

function spanJson(trace: number, options: SpanOptions): unknown {
  const start = NOON_NS + BigInt(options.atNs ?? 0);
  return {
    traceId: traceIdOf(trace),
    spanId: hex(options.id, 8),
    parentSpanId: options.parent === undefined ? '' : hex(options.parent, 8),
    name: options.name ?? 'step',
    kind: 1,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(options.lastsNs ?? 1000)),
    attributes: attributesOf(options.attributes ?? {}),
    events: options.events ?? [],
    ...(options.error === true ? { status: { code: 2, message: 'broken' } } : {}),
  };
}

export function request(
  trace: number,
  spans: readonly SpanOptions[],
  origin: {
    readonly service?: string;
    readonly resource?: Readonly<Record<string, string | number>>;
    readonly scope?: string;
    readonly scopeAttributes?: Readonly<Record<string, string | number>>;
    readonly project?: string;
  } = {},
): { project: string; body: unknown } {
  const resource = { 'service.name': origin.service ?? 'svc', ...origin.resource };
  const scope = {
    name: origin.scope ?? 'scope',
    version: '1.2',
    attributes: attributesOf(origin.scopeAttributes ?? {}),
  };
  return {
    project: origin.project ?? 'default',
    body: {
      resourceSpans: [
        {
          resource: { attributes: attributesOf(resource) },
          schemaUrl: 'https://schema/1',
          scopeSpans: [{ scope, spans: spans.map((span) => spanJson(trace, span)) }],
        },
      ],
    },
  };
}

export const chat = (model: string, input: number, output: number) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': model,
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
});

export const at = (trace: number, atNs: number): TracePosition => ({
  traceId: traceIdOf(trace),
  startNs: NOON_NS + BigInt(atNs),
});

/** Short ways to ask; the store is there only once the tests run. */
export function createFinder(store: () => TraceStore) {
  const find = async (
    project: string,
    condition?: SpanCondition,
    range: TimeRange = ALWAYS,
  ): Promise<string[]> => {
    const query = { range, condition, from: undefined, except: [] };
    const { traces } = await store().findTraces(project, query);
    return traces.map(({ traceId }) => traceId);
  };
  const match = async (
    project: string,
    traces: readonly number[],
    first: SpanCondition | undefined,
    others: readonly SpanCondition[] = [],
    range: TimeRange = ALWAYS,
  ): Promise<TracePosition[]> => {
    const found = await store().matchTraces(project, traces.map(traceIdOf), {
      range,
      first,
      others,
    });
    return found.toSorted((a, b) => (a.traceId < b.traceId ? -1 : 1));
  };
  return { find, match };
}
