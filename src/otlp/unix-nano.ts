import type { ByteBuilder } from '../base/byte-builder.ts';

/** The first high half of a nanosecond count that a signed 64-bit number cannot hold: the year 2262. */
const HIGH_MAX = 0x7fffffff;

/** Whether the time at the position is later than the columns can hold; -1 is no time. */
export function isBeyond2262(buffer: Buffer, at: number): boolean {
  return at !== -1 && buffer.readUInt32LE(at + 4) > HIGH_MAX;
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
