const BYTES_MAX = 64 * 1024;
/** Bytes at which decoders tend to go wrong: ends of ranges, lengths, continued varints, JSON's own. */
const ODD_BYTES = [
  0, 1, 7, 0x0a, 0x12, 0x1f, 0x20, 0x22, 0x5c, 0x5b, 0x7b, 0x7d, 0x7f, 0x80, 0xfe, 0xff,
];
const ODD_PIECES = {
  protobuf: [
    // Lengths and numbers that are too large, groups, the field of refused items, an endless number.
    'ffffffff0f',
    'ffffffffffffffffff01',
    'ffffffffffffffffffff',
    '0b',
    '0c',
    'faffffff0f00',
    '0affffffff07',
    '8080808080808080808080',
    '2a022a00',
    '3202320032003200',
  ].map((hex) => Buffer.from(hex, 'hex')),
  json: [
    '[[[[[[[[[[[[[[[[',
    '{"a":'.repeat(50),
    '{"arrayValue":{"values":[',
    '1e999999999',
    '-',
    '99999999999999999999',
    '\\ud83d',
    '\\u00',
    'null',
    'true',
    '""',
    '{}',
    '[]',
    '"\\',
    '\u0000',
    ',',
    ':',
  ].map((text) => Buffer.from(text)),
} as const;

/** The payload with one to a few damages; `other` is what pieces are taken from. */
export function mutate(
  bytes: Buffer,
  other: Buffer,
  encoding: 'protobuf' | 'json',
  random: () => number,
): Buffer {
  let damaged = Buffer.from(bytes);
  const count = 1 + Math.floor(random() * random() * 6);
  for (let at = 0; at < count; at++) damaged = damage(damaged, other, encoding, random);
  return damaged.length > BYTES_MAX ? damaged.subarray(0, BYTES_MAX) : damaged;
}

function damage(
  bytes: Buffer<ArrayBuffer>,
  other: Buffer,
  encoding: 'protobuf' | 'json',
  random: () => number,
): Buffer<ArrayBuffer> {
  const below = (limit: number): number => Math.floor(random() * limit);
  const at = below(bytes.length + 1);
  const insert = (piece: Buffer): Buffer<ArrayBuffer> =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  switch (below(10)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      if (at < bytes.length) bytes[at]! ^= 1 << below(8);
      return bytes;
    case 2:
      if (at < bytes.length) bytes[at] = ODD_BYTES[below(ODD_BYTES.length)]!;
      return bytes;
    case 3:
      if (at < bytes.length) bytes[at] = below(256);
      return bytes;
    case 4:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(below(other.length + 1))]);
    case 5: {
      const from = below(other.length + 1);
      return insert(other.subarray(from, from + below(64)));
    }
    case 6:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + below(32))]);
    case 7: {
      const from = below(bytes.length + 1);
      return insert(bytes.subarray(from, from + below(512)));
    }
    case 8: {
      const pieces = ODD_PIECES[encoding];
      return insert(pieces[below(pieces.length)]!);
    }
    default: {
      const junk = Buffer.alloc(below(16));
      for (let i = 0; i < junk.length; i++) junk[i] = below(256);
      return insert(junk);
    }
  }
}
