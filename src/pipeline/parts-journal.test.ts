import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { PartsJournal } from './parts-journal.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-journal-'));
  path = join(directory, 'segment.parts');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a segment is halved until each part is dealt with, the next one first', () => {
  const journal = PartsJournal.create(path, 3, { tables: ['spans', 'logs'], reason: '' });
  expect(journal.next).toEqual({ from: 0, to: 3, tables: ['spans', 'logs'] });
  journal.halve(['logs']);
  expect(journal.next).toEqual({ from: 0, to: 2, tables: ['logs'] });
  journal.halve('all');
  expect(journal.next).toEqual({ from: 0, to: 1, tables: 'all' });
  journal.done();
  expect(journal.next).toEqual({ from: 1, to: 2, tables: 'all' });
  journal.done();
  expect(journal.next).toEqual({ from: 2, to: 3, tables: ['logs'] });
  journal.done();
  expect(journal.next).toBeUndefined();
});

test('a journal that is loaded goes on where it was, and deals with each record once', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.infiniteStream(fc.boolean()), (count, halves) => {
      let journal = PartsJournal.create(path, count, { tables: 'all', reason: '' });
      const dealtWith: number[] = [];
      for (let next = journal.next; next !== undefined; next = journal.next) {
        if (next.to - next.from > 1 && halves.next().value) journal.halve('all');
        else {
          for (let record = next.from; record < next.to; record++) dealtWith.push(record);
          journal.done();
        }
        // A write that was cut off, and a new process.
        appendFileSync(path, '{"kind":"do');
        const loaded = PartsJournal.load(path)!;
        expect(loaded.next).toEqual(journal.next);
        journal = loaded;
      }
      expect(dealtWith).toEqual(Array.from({ length: count }, (_, record) => record));
    }),
    { numRuns: 20 },
  );
});

test('a segment without a journal was not taken apart', () => {
  expect(PartsJournal.load(path)).toBeUndefined();
});
