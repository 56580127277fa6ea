import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

import { AppError, messageOf } from '../errors.ts';
import type { PlatformDeclaration } from './declaration.ts';
import { parseDeclaration } from './declaration-schema.ts';
import { findDeclaration } from './find-declaration.ts';
import { readsTypeScript } from './local-plan.ts';

export interface LoadedDeclaration {
  readonly declaration: PlatformDeclaration;
  /** Absolute. */
  readonly file: string;
}

/** Runs the file, as any module, and checks what it exports. Throws `PLATFORM_INVALID`. */
export async function loadDeclaration(path: string): Promise<LoadedDeclaration> {
  const file = findDeclaration(path);
  readTypeScript();
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(file).href)) as typeof loaded;
  } catch (error) {
    throw new AppError('PLATFORM_INVALID', `${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return { file, declaration: parseDeclaration(loaded.default, file) };
}

let reading = false;

/** Lets declarations be TypeScript and find `signalbox/platform` where Signalbox is not installed beside them. */
function readTypeScript(): void {
  if (reading) return;
  reading = true;
  register(new URL('./resolve-platform.js', import.meta.url));
  if (!readsTypeScript()) register(new URL('./strip-types.js', import.meta.url));
}
