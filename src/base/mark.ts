/** Something that grows at its end and can be cut back to where it was. */
export interface Markable {
  /** Appends the numbers that describe the present end. */
  mark(into: number[]): void;
  /** Cuts back to the end described at `from[at]` on; returns the position after its numbers. */
  restore(from: readonly number[], at: number): number;
}

export function markAll(parts: readonly Markable[]): number[] {
  const mark: number[] = [];
  for (const part of parts) part.mark(mark);
  return mark;
}

export function restoreAll(parts: readonly Markable[], mark: readonly number[]): void {
  let at = 0;
  for (const part of parts) at = part.restore(mark, at);
}
