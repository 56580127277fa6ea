import { closeSync, openSync, writevSync } from 'node:fs';

/** Writes the buffers one after the other to a new file. */
export function writeBuffers(path: string, chunks: readonly Buffer[]): void {
  const file = openSync(path, 'w');
  try {
    // The kernel takes at most 1,024 buffers a call.
    for (let at = 0; at < chunks.length; at += 512) writeGroup(file, chunks.slice(at, at + 512));
  } finally {
    closeSync(file);
  }
}

function writeGroup(file: number, chunks: readonly Buffer[]): void {
  let rest = chunks.filter((chunk) => chunk.length > 0);
  while (rest.length > 0) {
    let written = writevSync(file, rest);
    while (rest.length > 0 && written >= rest[0]!.length) {
      written -= rest[0]!.length;
      rest = rest.slice(1);
    }
    if (written > 0) rest = [rest[0]!.subarray(written), ...rest.slice(1)];
  }
}
