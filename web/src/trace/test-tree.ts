import { buildSpanTree } from '../span-tree.ts';
import type { SpanTree } from '../span-tree.ts';
import type { GenAiView, Span } from '../span.ts';

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
  return buildSpanTree(
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
