import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

import type { RequestOrigin } from '../identity.ts';
import { parseTraceId, parseTraceparent, type TraceContext } from '../trace-context.ts';

const SESSION_CHARACTERS_MAX = 256;

export function originOf(request: IncomingMessage): RequestOrigin {
  const { headers } = request;
  return {
    authorization: headers.authorization,
    apiKey: one(headers['x-api-key']),
    remoteAddress: request.socket.remoteAddress,
    origin: headers.origin,
    secFetchSite: one(headers['sec-fetch-site']),
    forwarded: one(headers['forwarded']) ?? one(headers['x-forwarded-for']),
  };
}

/** The caller's place in a trace: `traceparent`, else `X-Trace-Id`; what is malformed is passed over. */
export function traceOf(headers: IncomingHttpHeaders): TraceContext | undefined {
  return parseTraceparent(headers['traceparent']) ?? parseTraceId(headers['x-trace-id']);
}

export function sessionOf(headers: IncomingHttpHeaders): string {
  return (one(headers['x-session-id']) ?? '').slice(0, SESSION_CHARACTERS_MAX);
}

export const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;
