import { buildSpanTree } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import { readNano } from '../span.ts';
import type { GenAiView, Span } from '../span.ts';
import { collectOutline } from './outline.ts';
import type { OutlinePage } from './outline.ts';

export interface Drawn {
  readonly id: string;
  readonly parent?: string;
  readonly name?: string;
  readonly from: number;
  readonly to: number;
  readonly failed?: boolean;
  readonly genai?: GenAiView;
}

/** A tree of spans drawn for a test; times in whole units after the start. */
export function drawTree(drawn: readonly Drawn[]): SpanTree {
  return treeOf(
    drawn.map(({ id, parent, name, from, to, failed, genai }): Span => ({
      traceId: '0'.repeat(31) + '1',
      spanId: id,
      parentSpanId: parent ?? '',
      name: name ?? id,
      startTimeUnixNano: String(1_000_000_000_000_000_000n + BigInt(from)),
      endTimeUnixNano: String(1_000_000_000_000_000_000n + BigInt(to)),
      status: { code: failed === true ? 2 : 0 },
      genai: genai ?? null,
    })),
  );
}

/** The tree of whole spans, by way of the outline that a server would answer. */
export function treeOf(spans: readonly Span[]): SpanTree {
  const collector = collectOutline();
  collector.add(outlineOf(spans));
  return buildSpanTree(collector.outline());
}

export function outlineOf(spans: readonly Span[]): OutlinePage {
  const words = [''];
  const codes = new Map([['', 0]]);
  const code = (word: string | null | undefined): number => {
    const text = word ?? '';
    if (!codes.has(text)) codes.set(text, words.push(text) - 1);
    return codes.get(text)!;
  };
  const starts = spans.map((span) => readNano(span.startTimeUnixNano));
  const first = starts.reduce((least, each) => (each < least ? each : least), starts[0] ?? 0n);
  const view = (key: keyof GenAiView): number[] =>
    spans.map(({ genai }) => code(genai?.[key] as string | null | undefined));
  return {
    trace_start_unix_nano: String(first),
    words,
    span_id: spans.map(({ spanId }) => spanId),
    start_ns: starts.map((start) => Number(start - first)),
    duration_ns: spans.map((span, index) =>
      Number(readNano(span.endTimeUnixNano) - starts[index]!),
    ),
    kind: spans.map(({ kind }) => kind ?? 0),
    status: spans.map(({ status }) => status?.code ?? 0),
    parent_span_id: spans.map(({ parentSpanId }) => code(parentSpanId)),
    name: spans.map(({ name }) => code(name)),
    service: spans.map(() => 0),
    agent: view('agent'),
    operation: view('operation'),
    request_model: view('request_model'),
    response_model: view('response_model'),
    tool: view('tool_name'),
    error_type: spans.map(() => 0),
    conversation: view('conversation'),
  };
}
