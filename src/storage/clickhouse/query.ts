import type { ReadingEngine } from './engine.ts';
import { toStorageError } from './engine-errors.ts';
import type { NativeColumns } from './native-reader.ts';
import { readNativeBlocks } from './native-reader.ts';
import type { Sql } from './sql.ts';

/** Runs a reading statement; throws `AppError`. */
export type Query = <Row>(statement: Sql) => Promise<Row[]>;

/** More ids than this in one statement would come near the longest text that the engine parses. */
const IDS_MAX = 1_000;

export function createQuery(engine: ReadingEngine): Query {
  return <Row>(statement: Sql) => asStorage(engine.query<Row>(statement.text));
}

/** As `createQuery`, in blocks of columns. */
export function createBlockQuery(
  engine: ReadingEngine,
): (statement: Sql) => Promise<NativeColumns[]> {
  return (statement) =>
    asStorage(engine.queryBytes(statement.text, 'Native').then(readNativeBlocks));
}

/** As `createQuery`, the rows in RowBinary. */
export function createBinaryQuery(engine: ReadingEngine): (statement: Sql) => Promise<Uint8Array> {
  return (statement) => asStorage(engine.queryBytes(statement.text, 'RowBinary'));
}

async function asStorage<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw toStorageError(error);
  }
}

/** Asks for the ids in as many statements as it takes, each with some of them, and joins the rows. */
export async function inChunks<Row>(
  ids: readonly string[],
  ask: (ids: readonly string[]) => Promise<Row[]>,
  idsMax = IDS_MAX,
): Promise<Row[]> {
  const distinct = [...new Set(ids)];
  const rows: Row[] = [];
  for (let at = 0; at < distinct.length; at += idsMax) {
    for (const row of await ask(distinct.slice(at, at + idsMax))) rows.push(row);
  }
  return rows;
}
