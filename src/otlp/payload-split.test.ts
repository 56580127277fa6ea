import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { strings } from '../../test/fixtures/otlp/plain-columns.ts';
import { StringColumn } from '../base/string-column.ts';
import { PayloadColumns } from '../model/payload-columns.ts';
import { joinPayloads } from '../model/payload-text.ts';
import { PAYLOAD_BYTES_MIN, pushLargeValue } from './payload-split.ts';

class Split {
  readonly column = new StringColumn();
  readonly payloads = new PayloadColumns();

  push(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    pushLargeValue(this.column, this.payloads, bytes, 0, bytes.length);
  }

  /** What the column says, with what it refers to put back. */
  joined(): string[] {
    const contents = strings(this.payloads.contents);
    const hashes = this.payloads.hashes.view().toString('hex').match(/.{32}/g) ?? [];
    const byHash = new Map(hashes.map((hash, row) => [hash, contents[row]!]));
    return strings(this.column).map((text) => joinPayloads(text, (hash) => byHash.get(hash)));
  }
}

const message = (role: string, length: number): object => ({ role, content: role.repeat(length) });

describe('what is put back together', () => {
  test('is the text that was split, for any JSON in any spacing', () => {
    const large = fc.string({ minLength: 200, maxLength: 600, unit: 'grapheme' });
    const element = fc.oneof(
      fc.jsonValue(),
      large,
      fc.record({ role: fc.string(), content: large }),
    );
    const value = fc.oneof(
      fc.array(element),
      fc.dictionary(fc.string(), fc.oneof(element, fc.array(element))),
    );
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1, 3), (json, spaces) => {
        const split = new Split();
        const text = JSON.stringify(json, undefined, spaces);
        split.push(text);
        expect(split.joined()).toEqual([text]);
      }),
      { numRuns: 300 },
    );
  });

  test('is the text that was split, for any text', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      '\\',
      '\u0001',
      'a'.repeat(300),
      'ß',
      '0'.repeat(32),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((all) => all.join('')),
        ),
        (text) => {
          // Half of a surrogate pair cannot be written in UTF-8.
          fc.pre(Buffer.from(text, 'utf8').toString('utf8') === text);
          const split = new Split();
          split.push(text);
          expect(split.joined()).toEqual([text]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each(['[', '{"a":['])('is the text that was split when %s is closed too often', (open) => {
    const split = new Split();
    const text = `${open}${'a'.repeat(300)}}}]},${'b'.repeat(300)},`;
    split.push(text);
    expect(split.joined()).toEqual([text]);
  });

  test('cannot be led astray by a text that looks like a reference', () => {
    const split = new Split();
    const secret = 's'.repeat(2000);
    split.push(secret);
    const forged = `["${'x'.repeat(2000)}","\u0001${split.payloads.hashes.view().toString('hex')}"]`;
    split.push(forged);
    expect(split.joined()).toEqual([secret, forged]);
  });
});

describe('a conversation', () => {
  const messages = Array.from({ length: 20 }, (_, at) => message(`role-${at}`, 100));

  test.each([
    ['a list', (list: object[]): string => JSON.stringify(list)],
    ['an object of lists', (list: object[]): string => JSON.stringify({ messages: list, n: 1 })],
  ])('sent again as %s with one more message adds one payload', (_, write) => {
    const split = new Split();
    split.push(write(messages));
    expect(split.payloads.count).toBe(20);
    split.push(write([...messages, message('last', 100)]));
    expect(split.payloads.count).toBe(21);
    split.push(write(messages.slice(0, 7)));
    expect(split.payloads.count).toBe(21);
    expect(split.joined()).toEqual([
      write(messages),
      write([...messages, message('last', 100)]),
      write(messages.slice(0, 7)),
    ]);
  });

  test('of which two projects send the same is kept for each', () => {
    const split = new Split();
    for (const project of ['a', 'b', 'a']) {
      split.payloads.project = project;
      split.push(JSON.stringify(messages));
    }
    expect(split.payloads.count).toBe(40);
  });
});

describe('a value', () => {
  test('without large parts is one payload', () => {
    const split = new Split();
    split.push(JSON.stringify(Array.from({ length: 1000 }, (_, at) => at)));
    split.push('plain text '.repeat(200));
    expect(split.payloads.count).toBe(2);
    expect(strings(split.column).every((text) => text.length === 33)).toBe(true);
  });

  test('with much between its large parts is one payload', () => {
    const split = new Split();
    split.push(JSON.stringify({ list: ['x'.repeat(300)], rest: 'y'.repeat(PAYLOAD_BYTES_MIN) }));
    expect(split.payloads.count).toBe(1);
  });
});

describe('time', () => {
  const size = 4 << 20;
  test.each([
    ['opening brackets', '['.repeat(size)],
    ['closing brackets', `[${']'.repeat(size)}`],
    ['quotes', `[${'"'.repeat(size)}`],
    ['backslashes in a string without end', `["${'\\'.repeat(size)}`],
    ['commas', `[${','.repeat(size)}`],
    ['elements just large enough', `[${`"${'x'.repeat(254)}",`.repeat(size / 257)}1]`],
    ['lists one after the other', `{"a":${'[],'.repeat(size / 3)}`],
  ])('stays in proportion to %s', (_, text) => {
    const split = new Split();
    const started = performance.now();
    split.push(text);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(split.joined()[0]).toHaveLength(text.length);
  });
});
