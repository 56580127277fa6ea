import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';

import { requireScope, type Principal } from '../auth/principal.ts';
import { SCOPES, type Scope } from '../auth/scope.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { AppError } from '../errors.ts';
import { errorAnswer } from './answer.ts';

/** Who may call a route: anyone, anyone with a valid credential, or who holds a scope. */
export type Access = 'public' | 'signed-in' | Scope;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
  }
  interface FastifyRequest {
    /** Null on a public route. */
    principal: Principal | null;
  }
}

/**
 * Lets only those through whom the route's `config.access` names. A route that names nobody cannot be registered,
 * and would be refused if it were.
 */
export function enforceAccess(api: FastifyInstance, authenticator: Authenticator): void {
  api.decorateRequest('principal', null);
  api.addHook('onRoute', (route) => {
    requireAccess(route.config?.access, `${String(route.method)} ${route.url}`);
    closeSchema(route);
  });
  api.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (request.is404) return;
    const access = requireAccess(request.routeOptions.config.access, request.routeOptions.url);
    if (access === 'public') return;
    request.principal = await authenticator.authenticate(identityOf(request));
    if (access !== 'signed-in') requireScope(request.principal, access);
  });
}

/** The principal of a route that is not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new AppError('UNAUTHORIZED');
  return request.principal;
}

function requireAccess(access: Access | undefined, route: string | undefined): Access {
  if (access === 'public' || access === 'signed-in') return access;
  if (access !== undefined && SCOPES.includes(access)) return access;
  throw new AppError('INTERNAL_ERROR', `the route ${route} does not say who may call it`);
}

/** What a route does not ask for is refused, not overlooked. */
function closeSchema(route: RouteOptions): void {
  const takesBody = ['POST', 'PUT', 'PATCH'].includes(String(route.method));
  const schema = route.schema ?? {};
  route.schema = {
    querystring: z.strictObject({}),
    ...(takesBody ? { body: z.strictObject({}).nullish() } : {}),
    ...schema,
    response: {
      ...(schema.response as object | undefined),
      '4xx': errorAnswer,
      '5xx': errorAnswer,
    },
  };
}

function identityOf(request: FastifyRequest) {
  const { authorization, cookie, origin, host } = request.headers;
  return {
    method: request.method,
    authorization,
    cookie,
    origin,
    host,
    apiKey: one(request.headers['x-api-key']),
    secFetchSite: one(request.headers['sec-fetch-site']),
  };
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value;
