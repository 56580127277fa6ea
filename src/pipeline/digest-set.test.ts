import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { DIGEST_ENTRY_BYTES, DigestSet } from './digest-set.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-digests-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function digestOf(number: number): Buffer {
  return createHash('sha256').update(String(number)).digest();
}

function entriesOf(...numbers: readonly number[]): Buffer {
  return Buffer.concat(numbers.map((number) => digestOf(number).subarray(0, DIGEST_ENTRY_BYTES)));
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

const known = (set: DigestSet, numbers: readonly number[]): number[] =>
  numbers.filter((number) => set.has(digestOf(number)));

test('holds what was added, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5_000), { maxLength: 3_000 }), (numbers) => {
      const set = new DigestSet(directory, 4);
      const naive = new Set<number>();
      for (const number of numbers) {
        set.add(digestOf(number));
        naive.add(number);
      }
      const asked = range(0, 300);
      expect(known(set, asked)).toEqual(asked.filter((number) => naive.has(number)));
      expect(known(set, numbers)).toEqual(numbers);
    }),
    { numRuns: 20 },
  );
});

test('holds digests that end in zeros', () => {
  const set = new DigestSet(directory, 4);
  const digest = Buffer.alloc(32);
  expect(set.has(digest)).toBe(false);
  set.add(digest);
  expect(set.has(digest)).toBe(true);
  digest[0] = 7;
  expect(set.has(digest)).toBe(false);
});

test('forgets with the process what was not persisted', () => {
  const set = new DigestSet(directory, 1_024);
  set.add(digestOf(1));
  set.persist(entriesOf(2, 3));
  expect(known(set, range(0, 6))).toEqual([1, 2, 3]);
  expect(known(new DigestSet(directory, 1_024), range(0, 6))).toEqual([2, 3]);
});

test('keeps the last generation and the one before it', () => {
  const set = new DigestSet(directory, 10);
  for (const start of [0, 10, 20]) set.persist(entriesOf(...range(start, start + 10)));
  expect(known(set, range(0, 40))).toEqual(range(20, 30));
  set.persist(entriesOf(30, 31));
  expect(known(set, range(0, 40))).toEqual(range(20, 32));
  expect(known(new DigestSet(directory, 10), range(0, 40))).toEqual(range(20, 32));
});

test('forgets nothing that is not stored yet, however many generations pass', () => {
  const waiting = entriesOf(1_000, 1_001);
  const set = new DigestSet(directory, 10, () => [waiting]);
  set.add(digestOf(1_000));
  set.add(digestOf(1_001));
  for (let start = 0; start < 100; start += 10) set.persist(entriesOf(...range(start, start + 10)));
  expect(known(set, [1_000, 1_001])).toEqual([1_000, 1_001]);
});

test('goes on after a write that was cut off', () => {
  const set = new DigestSet(directory, 1_024);
  set.persist(entriesOf(1, 2));
  appendFileSync(join(directory, 'digests.current'), entriesOf(3).subarray(0, 5));
  const reloaded = new DigestSet(directory, 1_024);
  expect(known(reloaded, range(0, 6))).toEqual([1, 2]);
  reloaded.persist(entriesOf(4, 5));
  expect(known(new DigestSet(directory, 1_024), range(0, 6))).toEqual([1, 2, 4, 5]);
  // What one process wrote after a failed write of its own is in its place, too.
  appendFileSync(join(directory, 'digests.current'), Buffer.alloc(3));
  reloaded.persist(entriesOf(6));
  expect(known(new DigestSet(directory, 1_024), range(0, 8))).toEqual([1, 2, 4, 5, 6]);
});

test('persisting nothing writes nothing', () => {
  const set = new DigestSet(directory, 1_024);
  set.persist(Buffer.alloc(0));
  expect(() => statSync(join(directory, 'digests.current'))).toThrow('ENOENT');
});
