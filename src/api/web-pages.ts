import { existsSync } from 'node:fs';

import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Scripts, styles and data from this server alone; nothing inline, nothing framed. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the built web pages; a path that is no file is a page, which the application finds itself. */
export async function registerWebPages(app: FastifyInstance, directory: string): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    reply.header('x-content-type-options', 'nosniff');
    reply.header('referrer-policy', 'same-origin');
    reply.header('cross-origin-opener-policy', 'same-origin');
  });
  if (!existsSync(directory)) return;
  await app.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    setHeaders: (reply, path) => {
      // Built files carry their content's hash in their name.
      const unchanging = path.includes('/assets/');
      reply.header(
        'cache-control',
        unchanging ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage =
      request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    if (wantsPage) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    return reply.code(404).send({
      success: false,
      error: `there is no ${request.method} ${request.url}`,
      code: 'NOT_FOUND',
    });
  });
}
