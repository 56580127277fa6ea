import { createHash } from 'node:crypto';

import { RECEIVED_MS } from './telemetry-store.ts';

/** A span as a test says it: names for ids, milliseconds from `RECEIVED_MS` for times. */
export interface SpanSketch {
  readonly id: string;
  /** The id of another, or of one that never comes. */
  readonly parent?: string | undefined;
  readonly name?: string;
  readonly kind?: number;
  readonly service?: string;
  readonly scope?: string;
  readonly startMs?: number;
  /** Undefined for a span without an end. */
  readonly endMs?: number | undefined;
  readonly status?: number;
  readonly message?: string;
  readonly flags?: number;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly events?: readonly unknown[];
}

export function traceIdOf(name: string): string {
  return createHash('sha256').update(`trace ${name}`).digest('hex').slice(0, 32);
}

export function spanIdOf(name: string): string {
  return createHash('sha256').update(`span ${name}`).digest('hex').slice(0, 16);
}

/** An export request in OTLP/JSON with the spans of one trace. */
export function traceRequest(trace: string, sketches: readonly SpanSketch[]): unknown {
  return {
    resourceSpans: sketches.map((sketch) => ({
      resource: {
        attributes: [{ key: 'service.name', value: { stringValue: sketch.service ?? 'svc' } }],
      },
      scopeSpans: [{ scope: { name: sketch.scope ?? 'test' }, spans: [spanOf(trace, sketch)] }],
    })),
  };
}

function spanOf(trace: string, sketch: SpanSketch): unknown {
  const { startMs = 0, status, message = '' } = sketch;
  const endMs = 'endMs' in sketch ? sketch.endMs : startMs + 10;
  return {
    traceId: traceIdOf(trace),
    spanId: spanIdOf(sketch.id),
    parentSpanId: sketch.parent === undefined ? '' : spanIdOf(sketch.parent),
    name: sketch.name ?? 'step',
    kind: sketch.kind ?? 1,
    flags: sketch.flags ?? 0,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: endMs === undefined ? '0' : nanos(endMs),
    ...(status === undefined ? {} : { status: { code: status, message } }),
    attributes: Object.entries(sketch.attributes ?? {}).map(([key, value]) => ({
      key,
      value:
        typeof value === 'string'
          ? { stringValue: value }
          : typeof value === 'boolean'
            ? { boolValue: value }
            : Number.isInteger(value)
              ? { intValue: String(value) }
              : { doubleValue: value },
    })),
    events: sketch.events ?? [],
  };
}

function nanos(ms: number): string {
  return String(BigInt(RECEIVED_MS) * 1_000_000n + BigInt(Math.round(ms * 1e6)));
}

/** Sketches of what agents' traces are made of. */
export const agentSpan = (
  id: string,
  agent: string,
  rest: Partial<SpanSketch> = {},
): SpanSketch => ({
  id,
  name: `invoke_agent ${agent}`,
  ...rest,
  attributes: {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': agent,
    ...rest.attributes,
  },
});

export const chatSpan = (
  id: string,
  parent: string | undefined,
  rest: Partial<SpanSketch> = {},
): SpanSketch => ({
  id,
  parent,
  name: 'chat gpt-4.1',
  ...rest,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4.1',
    'gen_ai.usage.input_tokens': 1000,
    'gen_ai.usage.output_tokens': 100,
    ...rest.attributes,
  },
});

export const toolSpan = (
  id: string,
  parent: string | undefined,
  tool: string,
  rest: Partial<SpanSketch> = {},
): SpanSketch => ({
  id,
  parent,
  name: `execute_tool ${tool}`,
  ...rest,
  attributes: {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    ...rest.attributes,
  },
});
