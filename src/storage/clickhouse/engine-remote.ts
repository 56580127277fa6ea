import { AppError, messageOf, type ErrorCode } from '../../errors.ts';
import type { BytesFormat, ReadingEngine } from './engine.ts';
import { EngineError } from './engine.ts';
import { parseRowsInTurns } from './json-rows.ts';

/** What a thread without an engine asks of the one that has it. */
export interface EngineRead {
  readonly sql: string;
  readonly format: BytesFormat;
}

/** What comes back, in a form that passes between threads. */
export type EngineReading =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'engine-error'; readonly message: string; readonly clickhouseCode: number }
  | { readonly kind: 'error'; readonly message: string; readonly code: ErrorCode };

/** Runs another thread's query; a failure is a value. */
export async function readFor(engine: ReadingEngine, read: EngineRead): Promise<EngineReading> {
  try {
    return { kind: 'bytes', bytes: ownBuffer(await engine.queryBytes(read.sql, read.format)) };
  } catch (error) {
    const message = messageOf(error);
    if (error instanceof EngineError) {
      return { kind: 'engine-error', message, clickhouseCode: error.clickhouseCode };
    }
    return {
      kind: 'error',
      message,
      code: error instanceof AppError ? error.code : 'INTERNAL_ERROR',
    };
  }
}

/** The bytes in a buffer that holds nothing else, so that it can be handed over. */
function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}

/** The engine of another thread, for asking only. What is parsed is parsed here. */
export function createRemoteEngine(
  ask: (read: EngineRead) => Promise<EngineReading>,
): ReadingEngine {
  const queryBytes = async (sql: string, format: BytesFormat): Promise<Uint8Array> => {
    const reading = await ask({ sql, format });
    if (reading.kind === 'bytes') return reading.bytes;
    if (reading.kind === 'error') throw new AppError(reading.code, reading.message);
    throw new EngineError(reading.message, reading.clickhouseCode, undefined);
  };
  return {
    queryBytes,
    query: async (sql) => await parseRowsInTurns(await queryBytes(sql, 'JSONEachRow')),
  };
}
