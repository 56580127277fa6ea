import type { Readable } from 'node:stream';

import { AppError } from '../errors.ts';
import type { Admission } from '../pipeline/admission.ts';

/** A body in memory that is counted until `release`. */
export interface ReservedBody {
  readonly bytes: ArrayBuffer;
  release(): void;
}

/**
 * Reads a request's body. Memory is reserved before it is used; a body over the limit is refused as soon as
 * that is known, from its announced length where it has one.
 */
export async function readBody(
  stream: Readable,
  announced: number | undefined,
  limits: { readonly admission: Admission; readonly bytesMax: number },
): Promise<ReservedBody> {
  const { admission, bytesMax } = limits;
  if (announced !== undefined && announced > bytesMax) throw tooLarge(announced, bytesMax);
  let reserved = announced ?? 0;
  admission.reserve(reserved);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bytesMax) throw tooLarge(length, bytesMax);
      if (length > reserved) {
        admission.reserve(length - reserved);
        reserved = length;
      }
      chunks.push(chunk);
    }
    const bytes = join(chunks, length);
    return { bytes, release: () => admission.release(reserved) };
  } catch (error) {
    admission.release(reserved);
    throw error;
  }
}

/** One buffer of its own: it is handed to another thread. */
function join(chunks: readonly Buffer[], length: number): ArrayBuffer {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined.buffer;
}

function tooLarge(length: number, bytesMax: number): AppError {
  return new AppError(
    'BODY_TOO_LARGE',
    `the body has ${length} bytes or more, the limit is ${bytesMax}; send smaller batches, or raise pipeline.requestBytesMax`,
  );
}
