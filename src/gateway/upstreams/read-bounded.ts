import { AppError } from '../../errors.ts';

/** A body whole, as bytes. Throws `UPSTREAM_FAILED` as soon as it is larger than `bytesMax`. */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of boundedStream(body, bytesMax)) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
  }
  return Buffer.concat(chunks, bytes);
}

async function* boundedStream(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    yield chunk;
  }
}

/** The same stream, which fails once it has given more than `bytesMax`; `onTooLarge` is told before its reader. */
export function boundStream(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
  onTooLarge?: (error: AppError) => void,
): ReadableStream<Uint8Array> {
  let bytes = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes <= bytesMax) return controller.enqueue(chunk);
        const error = tooLarge(bytesMax);
        onTooLarge?.(error);
        return controller.error(error);
      },
    }),
  );
}

export const tooLarge = (bytesMax: number): AppError =>
  new AppError(
    'UPSTREAM_FAILED',
    `its answer is larger than ${bytesMax} bytes; raise result_bytes_max of this server in the gateway's file, or ask the tool for less`,
  );
