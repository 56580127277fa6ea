import type { IncomingMessage } from 'node:http';

import { AppError } from '../errors.ts';
import type { Admission } from '../pipeline/admission.ts';

/** A body in memory that is counted until `release`. */
export interface ReservedBody {
  readonly bytes: ArrayBuffer;
  release(): void;
}

export interface BodyLimits {
  readonly admission: Admission;
  readonly bytesMax: number;
  /** How long the body may take to arrive. */
  readonly timeoutMs: number;
}

/** A shorter body gets its memory at once; a longer one as it arrives, for it may never come. */
const RESERVED_AHEAD_MAX = 256 * 1024;

/**
 * Reads a request's body. Memory is reserved before it is used; a body over the limit is refused as soon as
 * that is known, from its announced length where it has one. What is left of a refused body stays unread, and
 * the connection open, so that the sender can be told why.
 */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<ReservedBody> {
  const { admission, bytesMax, timeoutMs } = limits;
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) throw tooLarge(announced, bytesMax);
  let reserved = Math.min(announced, RESERVED_AHEAD_MAX);
  admission.reserve(reserved);
  const admit = (length: number): void => {
    if (length > bytesMax) throw tooLarge(length, bytesMax);
    if (length <= reserved) return;
    admission.reserve(length - reserved);
    reserved = length;
  };
  try {
    const bytes = await collect(request, { room: reserved, timeoutMs, admit });
    return { bytes, release: () => admission.release(reserved) };
  } catch (error) {
    admission.release(reserved);
    throw error;
  }
}

interface CollectOptions {
  /** Bytes that are certain to come. */
  readonly room: number;
  readonly timeoutMs: number;
  /** Is told the length so far before a chunk is kept, and throws to stop. */
  readonly admit: (length: number) => void;
}

function collect(request: IncomingMessage, options: CollectOptions): Promise<ArrayBuffer> {
  const { room, timeoutMs, admit } = options;
  return new Promise((resolve, reject) => {
    // A buffer of its own: it is handed to another thread.
    let bytes = Buffer.allocUnsafeSlow(room);
    let length = 0;
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      request.off('data', take).off('end', onEnd).off('error', onCut).off('close', onCut);
      if (error === undefined) resolve(exactly(bytes, length));
      else reject(error);
    };
    const take = (chunk: Buffer): void => {
      try {
        admit(length + chunk.length);
      } catch (error) {
        request.pause();
        settle(error as Error);
        return;
      }
      if (length + chunk.length > bytes.length) bytes = grown(bytes, length, chunk.length);
      chunk.copy(bytes, length);
      length += chunk.length;
    };
    const onEnd = (): void => settle();
    const onCut = (): void =>
      settle(
        new AppError(
          'TELEMETRY_MALFORMED',
          'the connection was closed before the body was complete',
        ),
      );
    const timer = setTimeout(() => {
      request.pause();
      settle(new AppError('REQUEST_TIMEOUT', `the body took more than ${timeoutMs} ms to arrive`));
    }, timeoutMs);
    if (request.readableEnded) settle();
    else if (request.destroyed) onCut();
    else request.on('data', take).on('end', onEnd).on('error', onCut).on('close', onCut);
  });
}

function grown(bytes: Buffer, length: number, more: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(Math.max(length + more, bytes.length * 2, 16 * 1024));
  bytes.copy(larger, 0, 0, length);
  return larger;
}

function exactly(bytes: Buffer, length: number): ArrayBuffer {
  const memory = bytes.buffer as ArrayBuffer;
  return length === memory.byteLength ? memory : memory.slice(0, length);
}

/** What a sender may still send of a refused body before its connection is cut. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;
const DISCARDED_MS_MAX = 5_000;

/**
 * Reads the rest of a refused body and throws it away: many senders look at the answer only when they have
 * sent everything, and the connection then serves their next request.
 */
export function discardRest(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let length = 0;
  const cut = setTimeout(() => request.destroy(), DISCARDED_MS_MAX);
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > DISCARDED_BYTES_MAX) request.destroy();
  });
  request.once('close', () => clearTimeout(cut)).once('end', () => clearTimeout(cut));
  // A cut connection is no news: the request was refused already.
  request.on('error', () => undefined);
  request.resume();
}

function tooLarge(length: number, bytesMax: number): AppError {
  return new AppError(
    'BODY_TOO_LARGE',
    `the body has ${length} bytes or more, the limit is ${bytesMax}; send smaller batches, or raise pipeline.requestBytesMax`,
  );
}
