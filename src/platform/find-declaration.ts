import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { AppError } from '../errors.ts';

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((ending) => `signalbox.platform.${ending}`);

/** The declaration's file at a path: that file, or `signalbox.platform.ts` (or `.js`) in that folder. */
export function findDeclaration(path: string): string {
  const absolute = resolve(path);
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory();
  const candidates = isFolder ? NAMES.map((name) => join(absolute, name)) : [absolute];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found !== undefined) return found;
  throw new AppError(
    'PLATFORM_INVALID',
    `there is no ${isFolder ? `${NAMES[0]} in ${absolute}` : `file ${absolute}`}; name the declaration or its folder with --file.`,
  );
}
