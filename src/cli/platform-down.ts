import { findDeclaration } from '../platform/find-declaration.ts';
import { foldersOf } from '../platform/state-file.ts';
import { stopPlatform } from '../platform/stop-platform.ts';
import { DEFAULT_TIMES } from '../platform/supervised-process.ts';

interface DownFlags {
  readonly file: string;
  readonly stateDir?: string;
}

/** `signalbox platform down`. */
export async function down(flags: DownFlags): Promise<void> {
  const folders = foldersOf(findDeclaration(flags.file), flags.stateDir);
  const { orphans, wasUp } = await stopPlatform(folders, DEFAULT_TIMES.stopMs);
  if (orphans.length > 0)
    console.error(`Ended what a killed \`up\` had left: ${orphans.join(', ')}.`);
  console.error(wasUp ? 'The platform is down.' : 'The platform was not up.');
}
