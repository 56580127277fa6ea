import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';

import { AppError, type ErrorCode } from '../errors.ts';

/** What Fastify itself refuses before a route sees the request. */
const FASTIFY_CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
};

const CONTEXT_NAMES: Readonly<Record<string, string>> = {
  body: 'the body',
  querystring: 'the query',
  params: 'the path',
  headers: 'the headers',
};

/** The one place where an error becomes an answer: `{success: false, error, code}`. */
export function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const known = toAppError(error);
  if (known.http >= 500) request.log.error({ err: error }, known.message);
  if (known.retryAfterSeconds !== undefined) {
    reply.header('retry-after', String(known.retryAfterSeconds));
  }
  if (known.code === 'UNAUTHORIZED') reply.header('www-authenticate', 'Bearer realm="signalbox"');
  return reply.code(known.http).send({ success: false, error: known.message, code: known.code });
}

/** An unexpected error keeps its particulars to itself: they go to the log, not to the caller. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = CONTEXT_NAMES[error.validationContext ?? ''] ?? 'the request';
    const issues = error.validation.map(({ instancePath, message }) => {
      const path = instancePath.slice(1).replaceAll('/', '.');
      return path === '' ? (message ?? '') : `${path}: ${message ?? ''}`;
    });
    return new AppError('VALIDATION_ERROR', `${where} is not valid: ${issues.join('; ')}`);
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
      const remedy = 'send JSON, with the header content-type: application/json';
      return new AppError('MEDIA_TYPE_UNSUPPORTED', remedy, { cause: error });
    }
    const code = FASTIFY_CODES[error.code];
    if (code !== undefined) return new AppError(code, error.message, { cause: error });
  }
  if (error instanceof Error && 'statusCode' in error && error.statusCode === 400) {
    return new AppError('VALIDATION_ERROR', error.message, { cause: error });
  }
  return new AppError('INTERNAL_ERROR', undefined, { cause: error });
}
