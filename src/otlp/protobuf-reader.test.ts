import * as fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';

import { MalformedError, ProtobufReader } from './protobuf-reader.ts';

function open(bytes: Uint8Array | readonly number[]): ProtobufReader {
  const buffer = Buffer.from(bytes);
  const reader = new ProtobufReader();
  reader.open(buffer, 0, buffer.length);
  return reader;
}

test('64-bit varints are read in two halves, whatever their length', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => {
      const reader = open(protobuf.Writer.create().uint64(String(value)).finish());
      reader.varint64();
      expect((BigInt(reader.high) << 32n) | BigInt(reader.low)).toBe(value);
      expect(reader.position).toBe(reader.limit);
    }),
  );
});

test('zigzag numbers of 32 bits are read with their sign', () => {
  fc.assert(
    fc.property(fc.integer(), (value) => {
      const reader = open(protobuf.Writer.create().uint32(8).sint32(value).finish());
      reader.tag();
      expect(reader.sint32()).toBe(value);
    }),
  );
});

test('tags are read up to the highest field number', () => {
  for (const field of [1, 15, 16, 2047, 2048, 536_870_911]) {
    const reader = open(
      protobuf.Writer.create()
        .uint32(field * 8 + 2)
        .finish(),
    );
    expect(reader.tag()).toBe(true);
    expect([reader.field, reader.wire]).toEqual([field, 2]);
    expect(reader.tag()).toBe(false);
  }
});

test('any field is passed over without reading beyond the message', () => {
  const message = protobuf.Writer.create()
    .uint32(8)
    .uint64('18446744073709551615')
    .uint32(17)
    .double(1)
    .uint32(26)
    .string('abc')
    .uint32(37)
    .fixed32(7)
    .finish();
  const reader = open(message);
  const fields: number[] = [];
  while (reader.tag()) {
    fields.push(reader.field);
    reader.skip();
  }
  expect(fields).toEqual([1, 2, 3, 4]);
  for (let length = 0; length < message.length; length++) {
    const cut = open(message.subarray(0, length));
    const read = (): void => {
      while (cut.tag()) cut.skip();
    };
    // Between fields the message is whole; anywhere else it is not.
    if ([0, 11, 20, 25].includes(length)) expect(read).not.toThrow();
    else expect(read).toThrow(MalformedError);
  }
});

test('a nested message cannot reach beyond its own end', () => {
  const reader = new ProtobufReader();
  const buffer = Buffer.from([0x0a, 3, 1, 2, 3]);
  reader.open(buffer, 0, 4);
  reader.tag();
  expect(() => reader.bytes()).toThrow('field 1 claims 3 bytes where 2 are left');
  reader.open(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), 0, 7);
  reader.tag();
  expect(() => reader.bytes()).toThrow('are left');
});

test('a number without end is refused', () => {
  expect(() => open(Array.from({ length: 20 }, () => 0xff)).varint64()).toThrow(
    'a number of more than ten bytes',
  );
});

test.each([
  [0x08, 'bytes', 'where a length-delimited field is due'],
  [0x0a, 'uint32', 'where a number is due'],
  [0x0a, 'fixed64', 'where eight bytes is due'],
  [0x09, 'fixed32', 'where four bytes is due'],
] as const)('a field of wire type %d is not read as %s', (tag, method, message) => {
  const reader = open([tag, 1, 2, 3, 4, 5, 6, 7, 8]);
  reader.tag();
  expect(() => reader[method]()).toThrow(message);
});
