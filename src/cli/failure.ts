import { AppError, messageOf } from '../errors.ts';
import { paint } from './terminal.ts';

const EXIT_CANNOT_TELL = 2;

/** What to do about a failure of the operating system, by its code. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Stop the program that uses it, or choose another address with --http or --grpc.',
  EACCES: 'Choose a port above 1023 and a data directory that you may write to.',
  EADDRNOTAVAIL: 'This machine has no such address; choose another with --http or --grpc.',
  ENOSPC: 'Free some space, or choose a data directory on another disk with --data-dir.',
  EPERM: 'Choose a data directory that can be made and written to with --data-dir.',
  EROFS: 'Choose a data directory that can be written to with --data-dir.',
  // `mkdir` answers ENOENT, too, below what cannot be written to.
  ENOENT: 'Choose a data directory that can be made and written to with --data-dir.',
  EEXIST: 'A file is in the way; choose a folder with --data-dir.',
  ENOTDIR: 'A file is in the way; choose a folder with --data-dir.',
  ERR_MODULE_NOT_FOUND:
    'The installation is not whole: `npm ci` mends a checkout, `npm install signalbox` an installed package.',
};

function systemCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Says what went wrong on standard error and returns the exit code: 1 found wrong, 2 cannot tell or bad use. */
export function reportFailure(error: unknown): 1 | 2 {
  const title = paint(process.stderr, 'red', 'error:');
  if (error instanceof AppError) {
    console.error(`${title} ${error.message} (${error.code})`);
    return error.exit;
  }
  const remedy = REMEDIES[systemCodeOf(error)];
  if (remedy === undefined && error instanceof Error) console.error(`${title} ${error.stack}`);
  else console.error(`${title} ${messageOf(error)}. ${remedy ?? ''}`.trimEnd());
  return EXIT_CANNOT_TELL;
}
