import type { SpanTree } from '../span-tree.ts';

/** Of each span the nanoseconds in which nothing below it ran: its duration without what its children cover. */
export function selfTimes(tree: SpanTree): Float64Array {
  const selfNs = tree.durationNs.slice();
  // Until when the children that were seen cover their parent; they come by start.
  const coveredTo = new Float64Array(tree.length).fill(-Infinity);
  for (const index of tree.order) {
    const above = tree.parent[index]!;
    if (above < 0) continue;
    const parentFrom = tree.startNs[above]!;
    const parentTo = parentFrom + tree.durationNs[above]!;
    const from = Math.max(tree.startNs[index]!, parentFrom, coveredTo[above]!);
    const to = Math.min(tree.startNs[index]! + tree.durationNs[index]!, parentTo);
    if (to > from) selfNs[above]! -= to - from;
    coveredTo[above] = Math.max(coveredTo[above]!, to);
  }
  return selfNs;
}
