import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Interner } from './interner.ts';

const intern = (interner: Interner, text: string): number => {
  const bytes = Buffer.from(`<${text}>`, 'utf8');
  return interner.intern(bytes, 1, bytes.length - 1);
};

test('equal strings have one number and others another, in order of first sight', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.boolean())),
      (texts) => {
        const interner = new Interner();
        const known: string[] = [];
        for (const [text, asText] of texts) {
          if (!known.includes(text)) known.push(text);
          const id = asText ? interner.internText(text) : intern(interner, text);
          expect(id).toBe(known.indexOf(text));
        }
        expect(interner.count).toBe(known.length);
        expect(known.map((_, id) => interner.textOf(id))).toEqual(known);
      },
    ),
  );
});

test('a hundred thousand strings are told apart while the table grows', () => {
  const interner = new Interner();
  const texts = Array.from({ length: 100_000 }, (_, at) => `key.${at.toString(36)}`);
  const expected = texts.map((_, at) => at);
  expect(texts.map((text) => intern(interner, text))).toEqual(expected);
  expect(texts.map((text) => intern(interner, text))).toEqual(expected);
  expect(interner.textOf(54_321)).toBe(texts[54_321]);
  expect(interner.count).toBe(100_000);
});

test('strings of equal hashes are told apart by their bytes', () => {
  // With 150,000 short strings some of the 32-bit hashes are equal, whatever the seed.
  const interner = new Interner();
  const ids = new Set<number>();
  const bytes = Buffer.alloc(4);
  for (let at = 0; at < 150_000; at++) {
    bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0);
    ids.add(interner.intern(bytes, 0, 4));
  }
  expect(ids.size).toBe(150_000);
});

describe('a string', () => {
  test('is compared with bytes anywhere in a buffer', () => {
    const interner = new Interner();
    const id = intern(interner, 'service.name');
    const bytes = Buffer.from('xxservice.nameyy');
    expect(interner.equals(id, bytes, 2, 14)).toBe(true);
    expect(interner.equals(id, bytes, 2, 15)).toBe(false);
    expect(interner.equals(id, bytes, 3, 15)).toBe(false);
  });

  test('may be empty', () => {
    const interner = new Interner();
    expect([intern(interner, 'a'), intern(interner, ''), interner.internText('')]).toEqual([
      0, 1, 1,
    ]);
  });

  test('stands in the data between its bounds', () => {
    const interner = new Interner();
    intern(interner, 'ab');
    const id = intern(interner, 'cde');
    expect(interner.data.bytes.toString('utf8', interner.startOf(id), interner.endOf(id))).toBe(
      'cde',
    );
  });
});

test('after a reset numbers begin anew', () => {
  const interner = new Interner();
  for (let at = 0; at < 5000; at++) intern(interner, `old ${at}`);
  interner.reset();
  expect(interner.count).toBe(0);
  expect(intern(interner, 'new')).toBe(0);
  expect(interner.internText('old 1')).toBe(1);
  expect(interner.textOf(0)).toBe('new');
});
