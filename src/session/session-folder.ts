import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The folder that holds the sessions of a project: of the working directory or the nearest above it that has one, else of
 * the nearest that is a Git checkout, else of the working directory itself. `home` is passed over, where the server
 * keeps its data under the same name.
 */
export function sessionFolderOf(cwd: string, home: string): string {
  const above = foldersAbove(resolve(cwd));
  const own = above.find((folder) => folder !== home && existsSync(sessionsIn(folder)));
  const checkout = above.find((folder) => existsSync(join(folder, '.git')));
  return sessionsIn(own ?? checkout ?? resolve(cwd));
}

const sessionsIn = (folder: string): string => join(folder, '.signalbox', 'sessions');

function foldersAbove(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersAbove(parent)];
}
