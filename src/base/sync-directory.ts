import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes names that were added to or removed from the directory survive the loss of power. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
