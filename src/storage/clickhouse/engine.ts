/**
 * An engine that speaks ClickHouse's SQL. The embedded one and a cluster differ in how bytes reach them, in
 * nothing else.
 */
export interface Engine {
  /** Runs a statement that returns nothing. */
  command(sql: string): Promise<void>;
  /** Runs a query and returns its rows. MUST NOT be called with text that is not fully escaped (`sql.ts`). */
  query<Row>(sql: string): Promise<Row[]>;
  /**
   * As `query`, for reading many rows for much less: blocks of columns (`native-reader.ts`), rows with numbers as they
   * are in memory, or rows of JSON that another thread parses. The bytes are the caller's alone.
   */
  queryBytes(sql: string, format: BytesFormat): Promise<Uint8Array>;
  /**
   * Inserts a file in Native format as one block: all or nothing. Repeated with the same token after a failure or
   * a crash, with no other insert into the table between, it MUST NOT store rows twice and MUST NOT lose any.
   * Inserts into a table MUST be made one after the other. Without a token nothing is noted, and what failed MUST NOT be
   * repeated before it was looked for.
   */
  insertNative(table: string, path: string, token?: string): Promise<void>;
  /** Returns when nothing runs any more. What is asked from now on is refused with `SHUTTING_DOWN`. */
  close(): Promise<void>;
}

export type BytesFormat = 'Native' | 'RowBinary' | 'JSONEachRow';

/** What those need who only ask. */
export type ReadingEngine = Pick<Engine, 'query' | 'queryBytes'>;

/** A failure inside the engine, with ClickHouse's own error number. */
export class EngineError extends Error {
  readonly clickhouseCode: number;

  constructor(message: string, clickhouseCode: number, cause: unknown) {
    super(message, { cause });
    this.name = 'EngineError';
    this.clickhouseCode = clickhouseCode;
  }
}
