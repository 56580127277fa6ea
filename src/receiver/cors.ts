import type { IncomingHttpHeaders } from 'node:http';

import type { FastifyReply } from 'fastify';

const MAX_AGE_SECONDS = 7200;

/** Lets browsers at the given origins send telemetry; `*` stands for any origin. */
export function createCors(
  origins: readonly string[],
): (headers: IncomingHttpHeaders, reply: FastifyReply) => void {
  const allowed = new Set(origins);
  return (headers, reply) => {
    if (allowed.size === 0) return;
    // Also for who may not: a cache between must not show one origin the answer to another.
    reply.header('vary', 'origin');
    const { origin } = headers;
    if (origin === undefined || !(allowed.has(origin) || allowed.has('*'))) return;
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', 'retry-after');
    if (headers['access-control-request-method'] === undefined) return;
    reply.header('access-control-allow-methods', 'POST');
    reply.header(
      'access-control-allow-headers',
      headers['access-control-request-headers'] ??
        'content-type, authorization, content-encoding, traceparent',
    );
    reply.header('access-control-max-age', String(MAX_AGE_SECONDS));
  };
}
