import { readFile } from 'node:fs/promises';
import type { LoadHook } from 'node:module';
import { fileURLToPath } from 'node:url';

import { transform } from '@swc/wasm-typescript';

/**
 * A loader hook for Node before 22.18: leaves types out as newer ones do by themselves, with what they do it with.
 * What is not mere types (`enum`, `namespace`) is refused there, too.
 */
export const load: LoadHook = async (url, context, nextLoad) => {
  if (!/^file:.*\.m?ts$/.test(url)) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const text = await readFile(path, 'utf8');
  try {
    const { code } = await transform(text, { mode: 'strip-only', module: true, filename: path });
    return { format: 'module', source: code, shortCircuit: true };
  } catch (error) {
    const { message, startLine } = error as { message?: string; startLine?: number };
    throw new SyntaxError(`${path}:${startLine ?? 1}: ${message ?? String(error)}`, {
      cause: error,
    });
  }
};
