import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/**
 * The text of a file that is made once and kept, readable by its owner alone. A crash while it is made leaves no half of
 * it: one that is empty is made anew.
 */
export function keptText(path: string, make: () => string): string {
  const present = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (present !== '') return present;
  const text = make();
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return text;
}
