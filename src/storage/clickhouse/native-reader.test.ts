import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { NativeColumns } from './native-reader.ts';
import { readNativeBlocks } from './native-reader.ts';
import { RowBlock } from './row-block.ts';

interface Row {
  readonly word: string;
  readonly text: string;
  readonly id: string;
  readonly small: number;
  readonly time: bigint;
  readonly count: number | null;
}

const rows = fc.array(
  fc.record<Row>({
    word: fc.constantFrom('', 'chat', 'exécute', 'x'.repeat(300)),
    text: fc.string({ unit: 'grapheme', maxLength: 200 }),
    id: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((id) => Buffer.from(id).toString('hex')),
    small: fc.nat(255),
    time: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    count: fc.option(fc.maxSafeNat()),
  }),
  { minLength: 1, maxLength: 200 },
);

function encode(values: readonly Row[]): Buffer {
  const block = new RowBlock(values);
  block.word('word', ({ word }) => word);
  block.text('text', ({ text }) => text);
  block.id('id', 8, ({ id }) => id);
  block.u8('small', 'UInt8', ({ small }) => small);
  block.i64('time', "DateTime64(9, 'UTC')", ({ time }) => time);
  block.nullableCount('count', ({ count }) => count);
  return Buffer.concat(block.finish());
}

function decode(block: NativeColumns): Row[] {
  const words = block.get('words', 'word');
  const texts = block.get('strings', 'text');
  const ids = block.bytesOf('id');
  const time = block.get('fixed', 'time');
  const counts = block.get('nullable', 'count');
  return Array.from({ length: block.rows }, (_, row) => ({
    word: words.texts[words.ids[row]!]!,
    text: texts.bytes.toString('utf8', texts.starts[row], texts.ends[row]),
    id: ids.toString('hex', row * 8, row * 8 + 8),
    small: block.bytesOf('small')[row]!,
    time: time.view.getBigInt64(time.at + row * 8, true),
    count:
      counts.nulls[row] === 1
        ? null
        : Number(counts.values.view.getBigUint64(counts.values.at + row * 8, true)),
  }));
}

test('blocks one after the other give the rows that were written', () => {
  fc.assert(
    fc.property(rows, rows, (one, other) => {
      const bytes = Buffer.concat([encode(one), encode(other)]);
      expect(readNativeBlocks(bytes).map(decode)).toEqual([one, other]);
    }),
  );
});

test('a dictionary of any size keeps its words', () => {
  for (const count of [255, 256, 257, 65_535, 65_537]) {
    const block = new RowBlock(Array.from({ length: count }, (_, index) => `word ${index}`));
    block.word('word', (word) => word);
    const [read] = readNativeBlocks(Buffer.concat(block.finish()));
    const { texts, ids } = read!.get('words', 'word');
    const last = texts[ids[count - 1]!];
    expect([texts.length, last]).toEqual([count, `word ${count - 1}`]);
  }
});

test('a block that ends too soon is an error, wherever it ends', () => {
  fc.assert(
    fc.property(rows, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (some, at) => {
      const bytes = encode(some);
      const cut = bytes.subarray(0, 1 + Math.floor(at * (bytes.length - 1)));
      expect(() => readNativeBlocks(cut)).toThrow();
    }),
  );
});

test('a column that is not there, or of another type, is named', () => {
  const [block] = readNativeBlocks(
    encode([{ word: '', text: '', id: '', small: 0, time: 0n, count: null }]),
  );
  expect(() => block!.get('words', 'text')).toThrow('the block has strings for text, not words');
  expect(() => block!.get('fixed', 'agent')).toThrow('the block has nothing for agent, not fixed');
});
