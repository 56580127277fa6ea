import type { ByteBuilder } from '../base/byte-builder.ts';

/**
 * The high half of 2^32 seconds in nanoseconds, 2106-02-07 06:28:16 UTC. The engine counts days and hours in types that
 * begin anew behind it: a later time would be summed up in a day of our time.
 */
const HIGH_MAX = 1_000_000_000;

/** Whether the time at the position is later than can be summed up; -1 is no time. */
export function isBeyond2106(buffer: Buffer, at: number): boolean {
  return at !== -1 && buffer.readUInt32LE(at + 4) >= HIGH_MAX;
}

/** Whether there is no time at the position, or one of 0: OTLP's unknown time. */
export function isUnknownTime(buffer: Buffer, at: number): boolean {
  return at === -1 || (buffer.readUInt32LE(at) === 0 && buffer.readUInt32LE(at + 4) === 0);
}

/** Appends the time at the position; 0 when there is none. */
export function pushTime(into: ByteBuilder, buffer: Buffer, at: number): void {
  if (at === -1) into.u64(0, 0);
  else into.copy(buffer, at, at + 8);
}

/** Milliseconds since 1970 UTC as nanoseconds in eight bytes. */
export function nanosOf(timeMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(Math.round(timeMs)) * 1_000_000n);
  return bytes;
}
