import type { LogPosition } from '../storage/log-store.ts';

const ID = /^(\d{1,19})-(\d{1,18})-(\d{1,18})$/;

/** A record's place as one word: time, insert and row, in decimal digits. */
export function idOf({ timeNs, block, row }: LogPosition): string {
  return `${timeNs}-${block}-${row}`;
}

/** Undefined for what `idOf` did not write. */
export function positionOf(id: string): LogPosition | undefined {
  const [, time, block, row] = ID.exec(id) ?? [];
  if (time === undefined || block === undefined || row === undefined) return undefined;
  return { timeNs: BigInt(time), block: BigInt(block), row: BigInt(row) };
}
