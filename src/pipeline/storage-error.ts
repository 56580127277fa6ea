import { AppError, messageOf } from '../errors.ts';

/** Whether the file system refused, rather than the program failed. */
export function isStorageFailure(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause;
}

/** What a failed write means to the sender. */
export function toStorageError(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new AppError('STORAGE_FULL', undefined, { cause, retryAfterSeconds: 5 })
    : new AppError('STORAGE_UNAVAILABLE', `cannot write to the log: ${messageOf(cause)}`, {
        cause,
      });
}
