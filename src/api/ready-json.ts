import type { FastifyReply } from 'fastify';

/** Sends a body that is JSON already. */
export function sendJson(reply: FastifyReply, body: Uint8Array<ArrayBuffer>): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(Buffer.from(body.buffer));
}

/** Aborts when the client goes away before it has its answer. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
