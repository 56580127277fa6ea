import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ByteBuilder } from './byte-builder.ts';

interface Step {
  readonly write: (builder: ByteBuilder) => void;
  readonly bytes: Buffer;
}

const eight = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

/** Every way to write, with the bytes that it must write. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.nat({ max: 255 }).map((value) => ({
    write: (builder: ByteBuilder) => builder.u8(value),
    bytes: Buffer.from([value]),
  })),
  fc.nat({ max: 0xffffffff }).map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return { write: (builder: ByteBuilder) => builder.u32(value), bytes };
  }),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => ({
    write: (builder: ByteBuilder) => builder.u64(Number(value & 0xffffffffn), Number(value >> 32n)),
    bytes: eight(value),
  })),
  fc.double().map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return { write: (builder: ByteBuilder) => builder.f64(value), bytes };
  }),
  fc.nat({ max: Number.MAX_SAFE_INTEGER }).map((value) => ({
    write: (builder: ByteBuilder) => builder.varint(value),
    bytes: leb128(value),
  })),
  fc.uint8Array({ maxLength: 300 }).map((value) => ({
    write: (builder: ByteBuilder) => builder.copy(value, 0, value.length),
    bytes: Buffer.from(value),
  })),
  fc.string({ unit: 'grapheme', maxLength: 200 }).map((value) => ({
    write: (builder: ByteBuilder) => builder.text(value),
    bytes: Buffer.from(value, 'utf8'),
  })),
  fc.nat({ max: 2 ** 31 - 1 }).map((value) => ({
    write: (builder: ByteBuilder) => builder.digits(value),
    bytes: Buffer.from(String(value)),
  })),
  fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 300 })).map(([value, count]) => ({
    write: (builder: ByteBuilder) => builder.fill(value, count),
    bytes: Buffer.alloc(count, value),
  })),
);

function leb128(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt(value);
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...out, Number(rest)]);
}

test('any writes after each other give their bytes after each other, from any capacity', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 64 }),
      (steps, capacity) => {
        const builder = new ByteBuilder(capacity);
        for (const { write } of steps) write(builder);
        expect(builder.view()).toEqual(Buffer.concat(steps.map(({ bytes }) => bytes)));
      },
    ),
  );
});

test('what is written after a mark is gone after a restore', () => {
  fc.assert(
    fc.property(fc.array(step), fc.array(step), fc.array(step), (kept, cut, after) => {
      const builder = new ByteBuilder(8);
      for (const { write } of kept) write(builder);
      const mark: number[] = [7];
      builder.mark(mark);
      for (const { write } of cut) write(builder);
      expect(builder.restore(mark, 1)).toBe(mark.length);
      for (const { write } of after) write(builder);
      expect(builder.view()).toEqual(Buffer.concat([...kept, ...after].map(({ bytes }) => bytes)));
    }),
  );
});

describe('reset', () => {
  test('empties the builder', () => {
    const builder = new ByteBuilder(4);
    builder.text('abc');
    builder.reset();
    builder.u8(1);
    expect(builder.view()).toEqual(Buffer.from([1]));
  });

  test('keeps the memory of a common use and gives that of an unusual one back', () => {
    const builder = new ByteBuilder(4);
    builder.fill(0, 1 << 20);
    builder.reset();
    expect(builder.bytes.length).toBe(1 << 20);
    builder.fill(0, 10);
    builder.reset();
    expect(builder.bytes.length).toBeLessThan(1000);
  });
});
