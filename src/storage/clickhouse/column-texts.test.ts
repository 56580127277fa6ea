import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { StringColumn } from '../../base/string-column.ts';
import { ColumnIds, ColumnTexts } from './column-texts.ts';
import { NativeBlock } from './native-block.ts';
import type { Strings } from './native-reader.ts';
import { readNativeBlocks } from './native-reader.ts';

function columnOf(texts: readonly string[]): Strings {
  const column = new StringColumn();
  for (const text of texts) column.pushText(text);
  const block = new NativeBlock(texts.length);
  block.strings('text', column);
  return readNativeBlocks(Buffer.concat(block.finish()))[0]!.get('strings', 'text');
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 120, maxLength: 200 }),
  fc.constant('x'.repeat(9_000)),
  fc.constant(''),
);

test('the texts of a column are those that were written, in whatever order they are asked for', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 100 }), fc.infiniteStream(fc.nat()), (texts, order) => {
      const column = new ColumnTexts(columnOf(texts));
      const rows = [...texts.keys(), ...order.take(texts.length)].map((at) => at % texts.length);
      expect(rows.map((row) => column.at(row))).toEqual(rows.map((row) => texts[row]));
    }),
    { numRuns: 200 },
  );
});

test('ids of a column are the hex digits of their bytes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 8, maxLength: 8 }), { maxLength: 80 }),
      (ids) => {
        const column = new ColumnIds(Buffer.concat(ids), 8);
        const rows = [...ids.keys(), ...[...ids.keys()].reverse()];
        expect(rows.map((row) => column.at(row))).toEqual(
          rows.map((row) => Buffer.from(ids[row]!).toString('hex')),
        );
      },
    ),
    { numRuns: 100 },
  );
});
