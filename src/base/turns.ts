import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that goes on in steps: at each `yield` it may rest, so that others have their turn. */
export type Turns<T> = Generator<undefined, T>;

/** How long others may be kept waiting. */
const SLICE_MS = 10;

/** Does all of it without a rest. */
export function atOnce<T>(work: Turns<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** What comes of each item, others having their turn in between. */
export function* mapInTurns<Item, T>(items: Iterable<Item>, from: (item: Item) => T): Turns<T[]> {
  const mapped: T[] = [];
  for (const item of items) {
    mapped.push(from(item));
    yield;
  }
  return mapped;
}

/** Does it a few milliseconds at a time. */
export async function inTurns<T>(work: Turns<T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - since < SLICE_MS) continue;
    await nextTurn();
    since = performance.now();
  }
}
