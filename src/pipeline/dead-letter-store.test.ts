import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { DeadLetterStore, letterIdOf } from './dead-letter-store.ts';
import type { WalRecord } from './wal-record.ts';
import { digestOf } from './wal-record.ts';

let directory: string;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'signalbox-letters-')), 'letters');
});
afterEach(() => {
  rmSync(join(directory, '..'), { recursive: true });
});

function recordOf(text: string): WalRecord {
  const body = Buffer.from(text);
  return {
    signal: 'logs',
    project: 'default',
    receivedAtMs: 1_000,
    digest: digestOf('logs', 'default', body),
    redelivered: false,
    body,
  };
}

test('a letter is kept with its body until it is removed, also by another process', () => {
  const store = new DeadLetterStore(directory, 1 << 20);
  const letter = store.add(recordOf('body'), 'a reason', 2_000);
  expect(letter).toEqual({
    id: letterIdOf(recordOf('body')),
    project: 'default',
    signal: 'logs',
    reason: 'a reason',
    receivedAtMs: 1_000,
    failedAtMs: 2_000,
    bytes: 4,
  });
  const other = new DeadLetterStore(directory, 1 << 20);
  expect(other.get(letter.id)).toEqual({ letter, body: Buffer.from('body') });
  expect(other.remove(letter.id)).toBe(true);
  expect([store.get(letter.id), store.list(), store.remove(letter.id)]).toEqual([
    undefined,
    [],
    false,
  ]);
  expect(readdirSync(directory)).toEqual([]);
});

test('letters are listed newest first, and one that comes again is the same', () => {
  const store = new DeadLetterStore(directory, 1 << 20);
  const [a, b] = [store.add(recordOf('a'), 'first', 1), store.add(recordOf('b'), 'first', 2)];
  expect(store.add(recordOf('a'), 'second', 3)).toEqual(a);
  expect(store.list()).toEqual([b, a]);
});

test('letters hold no more than they may, and say what to do', () => {
  const store = new DeadLetterStore(directory, 30_000);
  const kept = store.add(recordOf('x'.repeat(10_000)), '', 1);
  expect(() => store.add(recordOf('y'.repeat(10_000)), '', 2)).toThrow(
    'dead letters hold 18192 of 30000 bytes: retry or remove some, or raise pipeline.deadLetterBytesMax',
  );
  // The same letter takes no more room.
  store.add(recordOf('x'.repeat(10_000)), '', 3);
  store.remove(kept.id);
  store.add(recordOf('y'.repeat(10_000)), '', 4);
  expect(store.list().map(({ failedAtMs }) => failedAtMs)).toEqual([4]);
});

test('what an interrupted write left is no letter and is deleted', () => {
  const store = new DeadLetterStore(directory, 1 << 20);
  const letter = store.add(recordOf('whole'), '', 1);
  const half = letterIdOf(recordOf('half'));
  writeFileSync(join(directory, `${half}.otlp`), 'half');
  writeFileSync(join(directory, `${half}.json.new`), '{');
  expect([store.list(), store.get(half), store.remove(half)]).toEqual([[letter], undefined, false]);
  store.removeLeftovers();
  expect(readdirSync(directory).toSorted()).toEqual([`${letter.id}.json`, `${letter.id}.otlp`]);
});

test.each(['', '..', '../letters', 'a'.repeat(31), 'g'.repeat(32), `${'a'.repeat(32)}/`])(
  'an id of a user that is no id is no letter: %j',
  (id) => {
    const store = new DeadLetterStore(directory, 1 << 20);
    expect([store.get(id), store.remove(id)]).toEqual([undefined, false]);
  },
);
