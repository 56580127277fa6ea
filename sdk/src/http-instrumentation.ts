import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';

import { context, type MeterProvider, type Span, type TracerProvider } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';

import { redactedAddress, SECRET_PARAMETERS } from './query-secrets.ts';

/** A request as Express has added to it. */
type RoutedRequest = IncomingMessage & {
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown };
};

interface FastifyInstance {
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRequest, reply: unknown, done: () => void) => void,
  ): void;
}

interface FastifyRequest {
  readonly routeOptions?: { readonly url?: string | undefined };
}

const FASTIFY_CREATED = 'fastify.initialization';

/**
 * Server spans for every HTTP server of this process and client spans with `traceparent` for `http`, `https`,
 * `fetch` and undici. Returns what undoes it.
 */
export function instrumentHttp(tracers: TracerProvider, meters: MeterProvider): () => void {
  const http = new HttpInstrumentation({
    enabled: false,
    redactedQueryParams: [...SECRET_PARAMETERS],
    redactedQueryParamsServer: [...SECRET_PARAMETERS],
    applyCustomAttributesOnSpan: (span, request) => nameByRoute(span, request as RoutedRequest),
  });
  // Of this one, what `enabled` was at its making is what counts.
  const undici = new UndiciInstrumentation({
    enabled: true,
    startSpanHook: ({ origin, path }) => redactedAddress(path, origin),
  });
  for (const instrumentation of [http, undici]) {
    instrumentation.setTracerProvider(tracers);
    instrumentation.setMeterProvider(meters);
    instrumentation.enable();
  }
  // A program of ES modules may never `require` these, and the patch is put on at the first `require`.
  const load = createRequire(import.meta.url);
  load('http');
  load('https');
  syncBuiltinESMExports();
  subscribe(FASTIFY_CREATED, onFastify);
  return () => {
    unsubscribe(FASTIFY_CREATED, onFastify);
    http.disable();
    undici.disable();
    syncBuiltinESMExports();
  };
}

/** Express keeps the matched route on the request. */
function nameByRoute(span: Span, { method, baseUrl, route }: RoutedRequest): void {
  if (typeof route?.path !== 'string') return;
  const mount = typeof baseUrl === 'string' ? baseUrl : '';
  const path = mount !== '' && route.path === '/' ? mount : `${mount}${route.path}`;
  span.setAttribute('http.route', path);
  span.updateName(`${method ?? 'HTTP'} ${path}`);
}

function onFastify(message: unknown): void {
  const { fastify } = message as { readonly fastify: FastifyInstance };
  fastify.addHook('onRequest', (request, _, done) => {
    const route = request.routeOptions?.url;
    const metadata = getRPCMetadata(context.active());
    if (metadata !== undefined && route !== undefined) metadata.route = route;
    done();
  });
}
