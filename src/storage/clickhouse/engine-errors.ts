import { AppError, messageOf } from '../../errors.ts';
import { EngineError } from './engine.ts';

/** ClickHouse error numbers (src/Common/ErrorCodes.cpp) that pass by themselves. */
const TRANSIENT = new Set([
  159, // TIMEOUT_EXCEEDED
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  241, // MEMORY_LIMIT_EXCEEDED
  252, // TOO_MANY_PARTS
  394, // QUERY_WAS_CANCELLED
  425, // SYSTEM_ERROR
  439, // CANNOT_SCHEDULE_TASK
]);
/** NOT_ENOUGH_SPACE, CANNOT_WRITE_TO_FILE_DESCRIPTOR. */
const FULL = new Set([243, 75]);

const MESSAGE_CHARACTERS_MAX = 600;

/** What a reader is told. */
export function toStorageError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const message = messageOf(error).slice(0, MESSAGE_CHARACTERS_MAX);
  if (isFull(error)) return new AppError('STORAGE_FULL', message, { cause: error });
  if (error instanceof EngineError && TRANSIENT.has(error.clickhouseCode)) {
    return new AppError('STORAGE_UNAVAILABLE', `the storage engine could not answer: ${message}`, {
      cause: error,
    });
  }
  return new AppError('INTERNAL_ERROR', `the storage engine failed: ${message}`, { cause: error });
}

/** Whether the disk had no room. */
export function isFull(error: unknown): boolean {
  if (error instanceof EngineError && FULL.has(error.clickhouseCode)) return true;
  return /No space left on device|Disk quota exceeded/.test(messageOf(error));
}

/** Whether a later attempt of the same may succeed. */
export function isTransient(error: unknown): boolean {
  return error instanceof EngineError && TRANSIENT.has(error.clickhouseCode);
}

export function isMemoryLimit(error: unknown): boolean {
  return error instanceof EngineError && error.clickhouseCode === 241;
}
