import { AppError, messageOf } from '../errors.ts';

/** What a failed write means to the sender. */
export function toStorageError(cause: unknown): AppError {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new AppError('STORAGE_FULL', undefined, { cause, retryAfterSeconds: 5 })
    : new AppError('STORAGE_UNAVAILABLE', `cannot write to the log: ${messageOf(cause)}`, {
        cause,
      });
}
