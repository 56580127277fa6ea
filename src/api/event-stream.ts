import type { FastifyReply } from 'fastify';

/** A reader that does not read is cut off rather than buffered for. */
const WAITING_BYTES_MAX = 1024 * 1024;

export interface EventStream {
  write(text: string): void;
  /** The connection goes with the stream: it must not linger and keep the server from closing. */
  end(): void;
}

/**
 * Answers with server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) until either end closes;
 * then `onClosed` is called, once.
 */
export function openEventStream(
  reply: FastifyReply,
  onClosed: () => void,
  waitingBytesMax = WAITING_BYTES_MAX,
): EventStream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  // Whoever has gone already is told of like others, a moment later.
  if (raw.destroyed) setImmediate(onClosed);
  else raw.once('close', onClosed);
  return {
    write(text) {
      if (raw.writableLength > waitingBytesMax) raw.destroy();
      else raw.write(text);
    },
    end: () => void raw.end(() => raw.destroy()),
  };
}
