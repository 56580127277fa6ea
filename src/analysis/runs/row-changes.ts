import { isDeepStrictEqual } from 'node:util';

import { groupBy } from '../../base/group-by.ts';
import type { Turns } from '../../base/turns.ts';
import type { Versioned } from '../../storage/run-store.ts';

/** What is stored and goes, and what comes in its place. */
export interface Changes<T> {
  readonly gone: Versioned<T>[];
  readonly come: Versioned<T>[];
}

/** Values gone through before others may have their turn. */
const VALUES_IN_A_TURN = 200;

/** Adds what differs; returns the values that are new or changed. */
export function* addChanges<T extends { readonly startNs: bigint }>(
  changes: Changes<T>,
  stored: readonly Versioned<T>[],
  values: readonly T[],
  idOf: (value: T) => string,
  versionMin: number,
): Turns<T[]> {
  if (stored.length === 0) {
    for (const value of values) changes.come.push({ value, version: versionMin });
    return [...values];
  }
  const known = groupBy(stored, ({ value }) => idOf(value));
  const changed: T[] = [];
  for (const [index, value] of values.entries()) {
    if (index % VALUES_IN_A_TURN === VALUES_IN_A_TURN - 1) yield;
    const rows = known.get(idOf(value)) ?? [];
    known.delete(idOf(value));
    const [same] = rows;
    if (rows.length === 1 && isDeepStrictEqual(same!.value, value)) continue;
    changes.gone.push(...rows);
    const version = Math.max(versionMin, ...rows.map((row) => row.version + 1));
    changes.come.push({ value, version });
    changed.push(value);
  }
  for (const rows of known.values()) changes.gone.push(...rows);
  return changed;
}
