/** A span that reports tokens, and its parent; ids in any notation, unique within the trace. */
export interface UsageSpan {
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/** Null where no span that counts says. */
export interface CountedUsage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/**
 * The tokens of a trace, each call once: a span's usage counts unless a span below it, however deep, reports
 * usage too. Wrappers, agents and double instrumentation repeat what the call below them said.
 *
 * `parentOf` names the parent of the spans between; those that report no usage and are the parent of none
 * may be left out. Parents that go round in a circle end the walk.
 */
export function countUsage(
  spans: readonly UsageSpan[],
  parentOf: ReadonlyMap<string, string>,
): CountedUsage {
  const parents = new Map(parentOf);
  for (const { spanId, parentSpanId } of spans) parents.set(spanId, parentSpanId);
  const repeated = new Set<string>();
  for (const { spanId } of spans) {
    let above = parents.get(spanId);
    // What lies above a repeated span was marked when that span was walked past.
    while (above !== undefined && above !== spanId && !repeated.has(above)) {
      repeated.add(above);
      above = parents.get(above);
    }
  }
  const counted = spans.filter(({ spanId }) => !repeated.has(spanId));
  return {
    inputTokens: sum(counted.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(counted.map(({ outputTokens }) => outputTokens)),
  };
}

function sum(counts: readonly (number | null)[]): number | null {
  let total: number | null = null;
  for (const count of counts) if (count !== null) total = (total ?? 0) + count;
  return total;
}
