import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

import { array, assert, asyncProperty, integer, string } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { eachLine, openLogFile } from './log-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-logs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('lines stand behind their time, and a full file becomes the one before', () => {
  const path = join(folder, 'a.log');
  const log = openLogFile(path, { now: () => Date.UTC(2026, 0, 2), bytesMax: 40 });
  for (const line of ['one', 'two', 'three']) log.write(line);
  log.close();
  log.write('after the end');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe(
    '2026-01-02T00:00:00.000Z one\n2026-01-02T00:00:00.000Z two\n',
  );
  expect(readFileSync(path, 'utf8')).toBe('2026-01-02T00:00:00.000Z three\n');
  const again = openLogFile(path, { now: () => Date.UTC(2026, 0, 3) });
  again.write('four');
  again.close();
  expect(readFileSync(path, 'utf8')).toContain('three\n2026-01-03T00:00:00.000Z four\n');
});

async function linesOf(chunks: readonly Buffer[]): Promise<string[]> {
  const stream = Readable.from(chunks, { objectMode: false });
  const lines: string[] = [];
  eachLine(stream, (line) => lines.push(line));
  await new Promise((resolve) => stream.once('close', resolve));
  return lines;
}

test('lines are the same however the stream is cut', async () => {
  const texts = string({ unit: 'grapheme', maxLength: 30 }).map((text) =>
    text.replaceAll(/[\r\n]/g, ''),
  );
  await assert(
    asyncProperty(
      array(texts, { minLength: 1 }),
      integer({ min: 1, max: 7 }),
      async (lines, size) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n`);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect(await linesOf(chunks)).toEqual(lines);
      },
    ),
    { numRuns: 50 },
  );
});

test('a line without an end is kept in pieces, not in memory', async () => {
  const lines = await linesOf(Array.from({ length: 40 }, () => Buffer.alloc(1_000, 'x')));
  expect(lines.map((line) => line.length)).toEqual([16_384, 16_384, 7_232]);
});
