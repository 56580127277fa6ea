import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ChdbResult, Session } from 'chdb';

import { AppError, messageOf } from '../../errors.ts';
import type { ClickHouseConfig } from './config.ts';
import type { BytesFormat, Engine } from './engine.ts';
import { EngineError } from './engine.ts';
import { InsertNotes } from './insert-notes.ts';
import { parseRows, parseRowsInTurns } from './json-rows.ts';
import { sql } from './sql.ts';

/**
 * ClickHouse inside this process. One session runs one query at a time: one is kept for writing, and a few
 * for reading, which run side by side on the same data.
 */
export async function openEmbeddedEngine(
  directory: string,
  config: ClickHouseConfig,
): Promise<Engine> {
  mkdirSync(directory, { recursive: true });
  const configFile = join(directory, 'engine.xml');
  writeFileSync(configFile, engineConfig(config));
  // Loaded only here, and only by those who need a database: half a gigabyte of library.
  const chdb = await import('chdb');
  const data = join(directory, 'data');
  const sessions: Session[] = [];
  try {
    // One that writes, the others read.
    for (let count = 0; count <= config.readers; count++) {
      sessions.push(new chdb.Session(data, { connectionArgs: [`--config-file=${configFile}`] }));
    }
  } catch (error) {
    for (const session of sessions) session.close();
    throw new AppError(
      'DATA_DIRECTORY_LOCKED',
      `cannot open the telemetry store in ${data}: ${messageOf(error)}; is another Signalbox running on it? Stop it, or choose another --data-dir`,
      { cause: error },
    );
  }
  const [writer, ...readers] = sessions;
  return new EmbeddedEngine(writer!, readers, new InsertNotes(join(directory, 'inserts')), config);
}

function engineConfig(config: ClickHouseConfig): string {
  return `<clickhouse>
  <max_server_memory_usage>${config.memoryBytesMax}</max_server_memory_usage>
  <mark_cache_size>${config.markCacheBytes}</mark_cache_size>
  <index_mark_cache_size>${config.markCacheBytes}</index_mark_cache_size>
  <background_pool_size>2</background_pool_size>
  <max_thread_pool_size>128</max_thread_pool_size>
</clickhouse>
`;
}

/** Queries that wait for a reader; more are refused. */
const WAITING_MAX = 256;

interface Waiting {
  readonly resolve: (session: Session) => void;
  readonly reject: (error: Error) => void;
}

class EmbeddedEngine implements Engine {
  readonly #writer: Session;
  readonly #readers: readonly Session[];
  readonly #idle: Session[];
  readonly #waiting: Waiting[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #notes: InsertNotes;
  readonly #settings: string;
  #closed: Promise<void> | undefined;

  constructor(
    writer: Session,
    readers: readonly Session[],
    notes: InsertNotes,
    config: ClickHouseConfig,
  ) {
    this.#writer = writer;
    this.#readers = readers;
    this.#notes = notes;
    this.#idle = [...readers];
    // Without the first, a newest-first search by attribute does not read the index alone.
    this.#settings = [
      'use_top_k_dynamic_filtering = 0',
      'output_format_json_quote_64bit_integers = 1',
      `max_memory_usage = ${config.queryMemoryBytesMax}`,
      `max_execution_time = ${config.queryTimeoutMs / 1000}`,
      `max_threads = ${config.queryThreads}`,
    ].join(', ');
  }

  async command(text: string): Promise<void> {
    await this.#run(this.#writer, text, 'Null');
  }

  async query<Row>(text: string): Promise<Row[]> {
    return await parseRowsInTurns<Row>((await this.#read(text, 'JSONEachRow')).bytes());
  }

  async queryBytes(text: string, format: BytesFormat): Promise<Uint8Array> {
    return (await this.#read(text, format)).bytes();
  }

  async #read(text: string, format: string): Promise<ChdbResult> {
    const session = await this.#acquire();
    try {
      return await this.#run(session, `${text}\nSETTINGS ${this.#settings}`, format);
    } finally {
      this.#release(session);
    }
  }

  async insertNative(table: string, path: string, token?: string): Promise<void> {
    if (token !== undefined && (await this.#noteInsert(table, token))) return;
    // One thread and no splitting: the file becomes one part, so that the insert is all or nothing.
    const statement = sql`SETTINGS max_threads = 1, max_insert_threads = 1,
      max_block_size = 4194304, max_insert_block_size = 4194304, min_insert_block_size_rows = 4194304,
      min_insert_block_size_bytes = 4294967296, input_format_parallel_parsing = 0,
      input_format_native_allow_types_conversion = 0, max_partitions_per_insert_block = 2,
      use_hive_partitioning = 0
      SELECT * FROM file(${path}, 'Native')`;
    await this.#run(this.#writer, `INSERT INTO ${table} ${statement.text}`, 'Null');
  }

  /** Notes that the insert begins; true when it was made before. */
  async #noteInsert(table: string, token: string): Promise<boolean> {
    const block = await this.#lastBlock(table);
    const note = this.#notes.get(table);
    if (note?.token === token && block > note.block) return true;
    this.#notes.set(table, { token, block });
    return false;
  }

  /** Each insert's part gets the table's next number, and keeps it when parts are merged. */
  async #lastBlock(table: string): Promise<number> {
    const query = sql`SELECT toInt64(max(max_block_number)) AS block FROM system.parts
      WHERE active AND database = currentDatabase() AND table = ${table}`;
    const result = await this.#run(this.#writer, query.text, 'JSONEachRow');
    return Number(parseRows<{ block: string }>(result.text())[0]?.block ?? 0);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** A session must not go away under its query. */
  async #close(): Promise<void> {
    for (const { reject } of this.#waiting.splice(0)) reject(new AppError('SHUTTING_DOWN'));
    await Promise.allSettled(this.#running);
    for (const session of [...this.#readers, this.#writer]) session.close();
  }

  #acquire(): Promise<Session> {
    if (this.#closed !== undefined) return Promise.reject(new AppError('SHUTTING_DOWN'));
    const session = this.#idle.pop();
    if (session !== undefined) return Promise.resolve(session);
    if (this.#waiting.length >= WAITING_MAX) {
      return Promise.reject(new AppError('OVERLOADED', `${WAITING_MAX} queries wait already`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #release(session: Session): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(session);
    else next.resolve(session);
  }

  async #run(session: Session, text: string, format: string): Promise<ChdbResult> {
    if (this.#closed !== undefined) throw new AppError('SHUTTING_DOWN');
    const running = session.queryAsync(text, { format });
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      const code = (error as { clickhouseCode?: unknown }).clickhouseCode;
      throw new EngineError(messageOf(error), typeof code === 'number' ? code : 0, error);
    } finally {
      this.#running.delete(running);
    }
  }
}
