import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { WEB_SESSION_LIFE_MS } from '../auth/logins.ts';
import { readCookie, SESSION_COOKIE } from '../auth/request-identity.ts';
import { SCOPES } from '../auth/scope.ts';
import { AppError } from '../errors.ts';
import { answerOf, isoTimeOrNull, nonEmptyText, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

export const newPassword = text(1_024).min(8);

const credentials = z.strictObject({ username: nonEmptyText(128), password: text(1_024).min(1) });

/** In the words of RFC 6749 §5.1, without an envelope: clients of other systems read it so. */
const tokenAnswer = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.int(),
  })
  .meta({ id: 'Tokens' });

const meAnswer = z.object({
  id: z.string(),
  kind: z.string(),
  username: z.string(),
  project: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  /** When the credential ends; null when it does not. */
  expires_at: z.string().nullable(),
});

const nothing = answerOf(z.null());

export function signInRoutes(api: Api, deps: ApiDeps): void {
  tokenRoutes(api, deps);
  sessionRoutes(api, deps);
  ownAccountRoutes(api, deps);
}

function tokenRoutes(api: Api, { auth }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/auth/login',
    config: { access: 'public' },
    schema: {
      tags: ['sign-in'],
      summary: 'Exchanges a username and password for tokens.',
      body: credentials,
      response: { 200: tokenAnswer },
    },
    handler: (request) => auth.logins.login({ ...request.body, address: request.ip }),
  });

  api.route({
    method: 'POST',
    url: '/auth/refresh',
    config: { access: 'public' },
    schema: {
      tags: ['sign-in'],
      summary: 'Exchanges a refresh token, once, for new tokens.',
      body: z.strictObject({ refresh_token: text(1_024).min(1) }),
      response: { 200: tokenAnswer },
    },
    handler: (request) => auth.logins.refresh(request.body.refresh_token, request.ip),
  });
}

function sessionRoutes(api: Api, { auth }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/auth/session',
    config: { access: 'public' },
    schema: {
      tags: ['sign-in'],
      summary: 'Signs a browser in with a username and password.',
      body: credentials,
      response: { 200: nothing },
    },
    handler: async (request, reply) => {
      const secret = await auth.logins.openWebSession({ ...request.body, address: request.ip });
      setSession(request, reply, secret);
      return success(null);
    },
  });

  api.route({
    method: 'GET',
    url: '/auth/link',
    config: { access: 'public' },
    schema: {
      tags: ['sign-in'],
      summary: 'Signs a browser in with a link that serves once, and leads it to the first page.',
      querystring: z.strictObject({ token: text(1_024).min(1) }),
    },
    handler: async (request, reply) => {
      const secret = await auth.logins
        .openWebSessionByLink(request.query.token, request.ip)
        .catch((error: unknown) => {
          if (isUnauthorized(error) && wantsPage(request)) return undefined;
          throw error;
        });
      // A person gets a page, not an answer for programs: one to sign in on, unless that has been done already.
      if (secret === undefined) {
        const signedIn = await isSignedIn(auth, request.headers.cookie);
        return reply.redirect(signedIn ? '/' : '/sign-in?link=ended', 303);
      }
      setSession(request, reply, secret);
      return reply.redirect('/', 303);
    },
  });

  api.route({
    method: 'DELETE',
    url: '/auth/session',
    config: { access: 'signed-in' },
    schema: {
      tags: ['sign-in'],
      summary: 'Signs the browser out.',
      response: { 200: nothing },
    },
    handler: async (request, reply) => {
      const secret = readCookie(request.headers.cookie, SESSION_COOKIE);
      if (secret !== undefined) await auth.logins.closeWebSession(secret);
      setSession(request, reply, '');
      return success(null);
    },
  });
}

function ownAccountRoutes(api: Api, { auth }: ApiDeps): void {
  api.route({
    method: 'GET',
    url: '/auth/me',
    config: { access: 'signed-in' },
    schema: {
      tags: ['sign-in'],
      summary: 'Tells who the credential is and what it may do.',
      response: { 200: answerOf(meAnswer) },
    },
    handler: async (request) => {
      const { id, kind, name, project, scopes, expiresAtMs } = principalOf(request);
      return success({
        id,
        kind,
        username: name,
        project,
        scopes: [...scopes],
        expires_at: isoTimeOrNull(expiresAtMs),
      });
    },
  });

  api.route({
    method: 'POST',
    url: '/auth/password',
    config: { access: 'signed-in' },
    schema: {
      tags: ['sign-in'],
      summary: 'Changes the own password and ends all own sign-ins.',
      body: z.strictObject({ current_password: text(1_024).min(1), new_password: newPassword }),
      response: { 200: nothing },
    },
    handler: async (request) => {
      const { current_password: current, new_password: next } = request.body;
      await auth.accounts.changePassword(principalOf(request), { current, next });
      return success(null);
    },
  });
}

function setSession(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  const seconds = secret === '' ? 0 : WEB_SESSION_LIFE_MS / 1_000;
  const secure = request.protocol === 'https' ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${SESSION_COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`,
  );
}

/** Whether the cookies are those of a browser that is signed in. */
async function isSignedIn(auth: ApiDeps['auth'], cookie: string | undefined): Promise<boolean> {
  try {
    await auth.authenticator.authenticate({ cookie, method: 'GET' });
    return true;
  } catch (error) {
    if (isUnauthorized(error)) return false;
    throw error;
  }
}

const isUnauthorized = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'UNAUTHORIZED';

const wantsPage = (request: FastifyRequest): boolean =>
  request.headers.accept?.includes('text/html') === true;
