/** More marks than this on one bar cannot be told apart. */
const PLACES_MAX = 100;

export interface AxisMark<Item> {
  /** Where on the trace's axis, 0 to 1. */
  readonly at: number;
  /** In the order given. */
  readonly items: readonly Item[];
}

/** Marks for what happened at times of a trace; what is at about the same place is one mark. */
export function gatherMarks<Item extends { readonly atNs: number }>(
  items: readonly Item[],
  traceDurationNs: number,
): AxisMark<Item>[] {
  const whole = Math.max(1, traceDurationNs);
  const marks = new Map<number, { readonly at: number; readonly items: Item[] }>();
  for (const item of items) {
    const at = Math.min(1, Math.max(0, item.atNs / whole));
    const place = Math.round(at * PLACES_MAX);
    const mark = marks.get(place);
    if (mark === undefined) marks.set(place, { at, items: [item] });
    else mark.items.push(item);
  }
  return [...marks.values()];
}
