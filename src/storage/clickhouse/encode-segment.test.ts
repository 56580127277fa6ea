import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { TestTelemetryStore } from '../../../test/harness/telemetry-store.ts';
import { openTelemetryStore, RECEIVED_MS } from '../../../test/harness/telemetry-store.ts';
import { ByteBuilder } from '../../base/byte-builder.ts';
import { DictionaryColumn } from '../../base/dictionary-column.ts';
import { StringColumn } from '../../base/string-column.ts';
import { AttributeColumns } from '../../model/attribute-columns.ts';
import { NullableColumn } from '../../model/genai-columns.ts';
import { ListColumn, METRIC_TYPE } from '../../model/metric-columns.ts';
import { TelemetryColumns } from '../../model/telemetry-columns.ts';
import { encodeSegment } from './encode-segment.ts';
import { sql } from './sql.ts';

let opened: TestTelemetryStore;
beforeAll(async () => {
  opened = await openTelemetryStore();
});
afterAll(async () => {
  await opened?.close();
});

type Cells = Record<string, unknown>;
/** How many bytes a cell has where the column does not say: columns of bare bytes. */
const WIDTHS: Readonly<Record<string, number>> = {
  traceId: 16,
  spanId: 8,
  parentSpanId: 8,
  resourceId: 16,
  scopeId: 16,
  streamId: 16,
  ids: 16,
  hashes: 16,
  flags: 4,
  droppedAttributes: 4,
  droppedEvents: 4,
  droppedLinks: 4,
  scale: 4,
  positiveOffset: 4,
  negativeOffset: 4,
  kind: 1,
  statusCode: 1,
  severityNumber: 1,
  type: 1,
  temporality: 1,
  monotonic: 1,
  start: 8,
  end: 8,
  time: 8,
  observedTime: 8,
  pointCount: 8,
  zeroCount: 8,
  zeroThreshold: 8,
};

const DOUBLES = ['value', 'sum', 'min', 'max', 'reportedCost'];

/** Appends a row with a different value in every column, and returns what was put in. `seed` tells rows apart. */
function fillRow(columns: object, seed: number): Cells {
  const cells: Cells = {};
  for (const [name, column] of Object.entries(columns)) {
    const text = `${name} ${seed} ü"'\\\n`;
    if (column instanceof DictionaryColumn || column instanceof StringColumn) {
      column.pushText(text);
      cells[name] = text;
    } else if (column instanceof ByteBuilder) {
      const width =
        name === 'flags' && !('spanId' in columns || 'time' in columns) ? 1 : WIDTHS[name]!;
      const bytes = Buffer.alloc(width, (seed * 7 + name.length) % 100);
      if (name === 'type') bytes[0] = Object.values(METRIC_TYPE)[seed % 5]!;
      column.copy(bytes, 0, width);
      cells[name] = bytes.toString('hex');
    } else if (column instanceof NullableColumn) {
      const isDouble = DOUBLES.includes(name);
      const number = isDouble ? seed + 0.25 : 2 ** 40 + seed;
      if (seed % 2 === 0) column.pushNull();
      else if (isDouble) column.pushDouble(number);
      else column.pushCount(number);
      cells[name] = seed % 2 === 0 ? null : number;
    } else if (column instanceof ListColumn) {
      for (let item = 0; item < seed % 4; item++) column.values.u64(item, seed);
      column.endRow();
      cells[name] = Array.from({ length: seed % 4 }, (_, item) => seed * 2 ** 32 + item);
    } else if (column instanceof AttributeColumns) {
      const items = Array.from({ length: seed % 3 }, (_, item) => [`k${item}`, `${text}${item}`]);
      for (const [key, value] of items) {
        column.keys.pushText(key!);
        column.values.pushText(value!);
      }
      column.endRow(Buffer.from('s'.repeat(items.length)), items.length);
      cells[name] = items;
    } else if (name === 'genai') cells[name] = fillRow(column as object, seed);
  }
  return cells;
}

const snake = (name: string): string =>
  name.replace(/[A-Z]|\d/g, (letter) => `_${letter.toLowerCase()}`);
/** Columns of the tables that are called otherwise in memory. */
const RENAMED: Readonly<Record<string, string>> = {
  projects: 'project',
  ids: 'id',
  names: 'name',
  versions: 'version',
  schemaUrls: 'schema_url',
  hashes: 'hash',
  contents: 'content',
  pointCount: 'count',
};

/** The stored cell as `fillRow` says it. */
function expression(name: string, value: unknown, prefix: string): string {
  const column =
    prefix === 'genai' && name === 'flags' ? 'genai_flags' : (RENAMED[name] ?? snake(name));
  if (
    Array.isArray(value) &&
    (value.length === 0 || Array.isArray(value[0])) &&
    name === 'attributes'
  )
    return `arrayZip(mapKeys(${column}), mapValues(${column}))`;
  return column;
}

async function read(table: string, cells: readonly Cells[], order: string): Promise<Cells[]> {
  const shape = cells.find((row) => Object.keys(row).length > 0)!;
  // The end is stored as a duration, of which the suite of the trace store knows.
  const stored = Object.entries(shape).filter(([name]) => name !== 'end');
  const parts = stored.flatMap(([name, value]) =>
    name === 'genai'
      ? Object.entries(value as Cells).map(
          ([inner, own]) => `${expression(inner, own, 'genai')} AS \`genai.${inner}\``,
        )
      : [`${expression(name, value, '')} AS \`${name}\``],
  );
  return opened.engine.query(`SELECT ${parts.join(', ')} FROM ${table} ORDER BY ${order}`);
}

/** Numbers of the engine as the bytes or numbers that were put in. */
function toCell(name: string, put: unknown, got: unknown): unknown {
  if (typeof put === 'number') return Number(got);
  if (Array.isArray(put) && name !== 'attributes') {
    const doubles = ['explicitBounds', 'quantiles', 'quantileValues'].includes(name);
    return (got as (string | number)[]).map((item) => {
      if (!doubles) return Number(item);
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(Number(item));
      return bytes.readUInt32LE(4) * 2 ** 32 + bytes.readUInt32LE(0);
    });
  }
  return got;
}

const TABLES = ['spans', 'logs', 'metrics', 'resources', 'scopes', 'payloads'] as const;
const TABLE_NAMES = {
  spans: 'spans',
  logs: 'log_records',
  metrics: 'metric_points',
  resources: 'resources',
  scopes: 'scopes',
  payloads: 'payloads',
};

describe.each(TABLES)('every column of %s', (kind) => {
  test.each([1, 2, 7])('comes back as it was put in, %d rows at once', async (rows) => {
    await opened.engine.command(`TRUNCATE TABLE ${TABLE_NAMES[kind]}`);
    const columns = new TelemetryColumns();
    const put = Array.from({ length: rows }, (_, seed) => fillRow(columns[kind], seed));
    expect(columns[kind].count).toBe(rows);
    await opened.writeColumns(columns);
    const text =
      kind === 'payloads'
        ? 'content'
        : kind === 'spans' || kind === 'metrics'
          ? 'name'
          : kind === 'logs'
            ? 'event_name'
            : 'name';
    const got = await read(TABLE_NAMES[kind], put, text);
    expect(got).toHaveLength(rows);
    for (const [index, row] of put.entries()) {
      for (const [name, value] of Object.entries(row)) {
        const inner =
          name === 'genai'
            ? Object.entries(value as Cells).map(([own, cell]) => [`genai.${own}`, cell] as const)
            : [[name, value] as const];
        for (const [key, cell] of inner) {
          if (typeof cell === 'string' && /^[0-9a-f]+$/.test(cell)) continue;
          expect(toCell(key, cell, got[index]![key]), `${key} of row ${index}`).toEqual(cell);
        }
      }
    }
    // Bare bytes, whatever number or time the engine reads in them: compared as the file holds them.
    const bytes = Object.entries(put[0]!).filter(
      ([, cell]) => typeof cell === 'string' && /^[0-9a-f]+$/.test(cell),
    );
    for (const [name] of bytes.filter(([own]) => own !== 'end')) {
      const column = RENAMED[name] ?? snake(name);
      const raw = /time|start/.test(column) ? `toUnixTimestamp64Nano(${column})` : column;
      const stored = await opened.engine.query<{ bytes: string }>(
        name === 'type'
          ? `SELECT lower(hex(toUInt8(${column}))) AS bytes FROM ${TABLE_NAMES[kind]} ORDER BY ${text}`
          : `SELECT lower(hex(substring(unhex(hex(reinterpretAsString(${raw}))) || repeat('\\0', 16), 1, ${WIDTHS[name]!}))) AS bytes FROM ${TABLE_NAMES[kind]} ORDER BY ${text}`,
      );
      expect(
        stored.map((row) => row.bytes),
        name,
      ).toEqual(put.map((row) => row[name]));
    }
    const received = await opened.engine.query<{ at: number }>(
      `SELECT DISTINCT toUnixTimestamp(received) AS at FROM ${TABLE_NAMES[kind]}`,
    );
    expect(received).toEqual([{ at: RECEIVED_MS / 1000 }]);
  });
});

test('a segment without rows of a table leaves the table out, and one without any is nothing', () => {
  const columns = new TelemetryColumns();
  expect(encodeSegment(columns, RECEIVED_MS)).toEqual([]);
  fillRow(columns.payloads, 1);
  expect(encodeSegment(columns, RECEIVED_MS).map(({ table, rows }) => ({ table, rows }))).toEqual([
    { table: 'payloads', rows: 1 },
  ]);
});

test.each([255, 256, 257, 65_536, 65_537, 70_000])(
  '%d distinct words of a dictionary keep their places',
  async (count) => {
    await opened.engine.command('TRUNCATE TABLE payloads');
    await opened.engine.command('TRUNCATE TABLE resources');
    const columns = new TelemetryColumns();
    const { resources } = columns;
    for (let row = 0; row < count; row++) {
      resources.projects.pushText('p');
      const id = Buffer.alloc(16);
      id.writeUInt32BE(row, 12);
      resources.ids.copy(id, 0, 16);
      for (const column of [
        resources.names,
        resources.versions,
        resources.schemaUrls,
        resources.entityRefs,
      ])
        column.pushText(`word ${row}`);
      resources.attributes.keys.pushText(`key ${row}`);
      resources.attributes.values.pushText('v');
      resources.attributes.endRow(Buffer.from('s'), 1);
      resources.droppedAttributes.u32(0);
    }
    await opened.writeColumns(columns);
    const expected =
      "concat('word ', toString(reinterpretAsUInt32(reverse(substring(id, 13, 4)))))";
    const [found] = await opened.engine.query<Record<string, string>>(
      `SELECT count() AS rows, countIf(name = ${expected} AND version = name AND schema_url = name AND entity_refs = name
       AND attributes[replaceOne(${expected}, 'word', 'key')] = 'v' AND attribute_types = 's') AS good FROM resources`,
    );
    expect(found).toEqual({ rows: String(count), good: String(count) });
  },
);

test('a string of 20 MiB and an empty one come back', async () => {
  const columns = new TelemetryColumns();
  await opened.engine.command('TRUNCATE TABLE payloads');
  const texts = ['x'.repeat(20 << 20), ''];
  for (const [index, text] of texts.entries()) {
    columns.payloads.projects.pushText('p');
    columns.payloads.hashes.copy(Buffer.alloc(16, index), 0, 16);
    columns.payloads.contents.pushText(text);
  }
  await opened.writeColumns(columns);
  const rows = await opened.engine.query<{ size: string; xs: string }>(
    `SELECT length(content) AS size, countSubstrings(content, 'x') AS xs FROM payloads ORDER BY hash`,
  );
  expect(rows.map(({ size, xs }) => [Number(size), Number(xs)])).toEqual([
    [20 << 20, 20 << 20],
    [0, 0],
  ]);
});

describe('literals', () => {
  test('any text comes back from the engine as it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 20 }),
        async (texts) => {
          const wellFormed = texts.map((text) => Buffer.from(text, 'utf8').toString('utf8'));
          const columns = wellFormed.map((text) => sql`${text}`.text).join(', ');
          const [row] = await opened.engine.query<{ all: string[] }>(`SELECT [${columns}] AS all`);
          expect(row!.all).toEqual(wellFormed);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('any bytes and numbers come back, and what is neither is refused', async () => {
    const [row] = await opened.engine.query(
      sql`SELECT ${1.5} AS a, ${-3} AS b, ${2n ** 63n} AS c, ${true} AS d, 2 IN ${[1, 2]} AS e`
        .text,
    );
    expect(row).toEqual({ a: 1.5, b: -3, c: String(2n ** 63n), d: 1, e: 1 });
    expect(() => sql`${Number.NaN}`).toThrow(TypeError);
  });
});

test('an insert is one part, is made once under its token, and leaves nothing when it fails', async () => {
  await opened.engine.command('TRUNCATE TABLE payloads');
  const columns = new TelemetryColumns();
  fillRow(columns.payloads, 1);
  fillRow(columns.payloads, 2);
  const [block] = encodeSegment(columns, RECEIVED_MS);
  const bytes = Buffer.concat(block!.chunks);
  const path = join(opened.directory, "it's a file.native");
  writeFileSync(path, bytes);
  const count = async (): Promise<unknown> =>
    (
      await opened.engine.query(
        `SELECT count() AS rows, (SELECT count() FROM system.parts WHERE table = 'payloads' AND active AND rows > 0) AS parts FROM payloads`,
      )
    )[0];
  await opened.engine.insertNative('payloads', path, 'token');
  await opened.engine.insertNative('payloads', path, 'token');
  expect(await count()).toEqual({ rows: '2', parts: '1' });
  for (const cut of [bytes.length - 1, bytes.length - 20, 10]) {
    writeFileSync(path, bytes.subarray(0, cut));
    await expect(opened.engine.insertNative('payloads', path, `cut at ${cut}`)).rejects.toThrow(
      /./,
    );
  }
  expect(await count()).toEqual({ rows: '2', parts: '1' });
});

test('an engine that closes finishes what runs, refuses the rest, and closes once', async () => {
  const running = Array.from({ length: 20 }, () =>
    opened.engine.query<{ n: string }>('SELECT sum(number) AS n FROM numbers(2000000)'),
  );
  await new Promise((resolve) => setImmediate(resolve));
  const closing = Promise.all([opened.engine.close(), opened.engine.close()]);
  const results = await Promise.allSettled(running);
  await closing;
  const refused = results.filter((result) => result.status === 'rejected');
  expect(results.length - refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'SHUTTING_DOWN' });
  await expect(opened.engine.query('SELECT 1')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});
