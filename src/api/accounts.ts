import { z } from 'zod';

import { actorOf } from '../auth/principal.ts';
import { SCOPES, scopesOf } from '../auth/scope.ts';
import type { User } from '../storage/user-store.ts';
import { answerOf, idParams, isoTime, success, text } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';
import { newPassword } from './sign-in.ts';

const username = text(128).regex(/^[\w.@+-]+$/, 'may have letters, digits and . _ @ + -');

const accountFields = {
  id: z.string(),
  username: z.string(),
  role: z.enum(['admin', 'member']),
  scopes: z.array(z.enum(SCOPES)),
  created_at: z.string(),
};

const accountAnswer = z.object(accountFields).meta({ id: 'Account' });
const newAccountAnswer = z
  .object({
    ...accountFields,
    /** Only when it was made up; shown this once. */
    password: z.string().exactOptional(),
  })
  .meta({ id: 'NewAccount' });

const idAnswer = answerOf(z.object({ id: z.string() }));

export function accountRoutes(api: Api, deps: ApiDeps): void {
  serviceAccountRoutes(api, deps);
  userRoutes(api, deps);
  signingKeyRoutes(api, deps);
}

function serviceAccountRoutes(api: Api, { auth }: ApiDeps): void {
  const url = '/auth/service-accounts';

  api.route({
    method: 'POST',
    url,
    config: { access: 'admin' },
    schema: {
      tags: ['accounts'],
      summary: 'Adds an account with which a program can log in.',
      body: z.strictObject({
        username,
        password: newPassword.optional(),
        scopes: z.array(z.enum(SCOPES)).max(SCOPES.length).default(['telemetry:write']),
      }),
      response: { 201: answerOf(newAccountAnswer) },
    },
    handler: async (request, reply) => {
      const account = { kind: 'service', ...request.body } as const;
      const created = await auth.accounts.create(account, principalOf(request));
      return reply.code(201).send(success(toNewAnswer(created)));
    },
  });

  listAndRemoveRoutes(api, auth, {
    url,
    kind: 'service',
    listing: 'Lists the accounts of programs.',
    removing: 'Removes the account of a program and revokes the keys it made.',
  });
}

function userRoutes(api: Api, { auth }: ApiDeps): void {
  const url = '/auth/users';

  api.route({
    method: 'POST',
    url,
    config: { access: 'admin' },
    schema: {
      tags: ['accounts'],
      summary: 'Adds a person.',
      body: z.strictObject({
        username,
        password: newPassword.optional(),
        role: z.enum(['admin', 'member']).default('member'),
      }),
      response: { 201: answerOf(newAccountAnswer) },
    },
    handler: async (request, reply) => {
      const account = { kind: 'person', ...request.body } as const;
      const created = await auth.accounts.create(account, principalOf(request));
      return reply.code(201).send(success(toNewAnswer(created)));
    },
  });

  listAndRemoveRoutes(api, auth, {
    url,
    kind: 'person',
    listing: 'Lists the people.',
    removing: 'Removes a person and revokes the keys they made.',
  });
}

interface AccountResource {
  readonly url: string;
  readonly kind: User['kind'];
  /** Summaries of the two routes. */
  readonly listing: string;
  readonly removing: string;
}

function listAndRemoveRoutes(api: Api, auth: ApiDeps['auth'], resource: AccountResource): void {
  const { url, kind, listing, removing } = resource;

  api.route({
    method: 'GET',
    url,
    config: { access: 'admin' },
    schema: {
      tags: ['accounts'],
      summary: listing,
      response: { 200: answerOf(z.array(accountAnswer)) },
    },
    handler: async (request) => {
      const users = await auth.accounts.list(principalOf(request).project, kind);
      return success(users.map(toAnswer));
    },
  });

  api.route({
    method: 'DELETE',
    url: `${url}/:id`,
    config: { access: 'admin' },
    schema: {
      tags: ['accounts'],
      summary: removing,
      params: idParams,
      response: { 200: idAnswer },
    },
    handler: async (request) => {
      await auth.accounts.remove(request.params.id, kind, principalOf(request));
      return success({ id: request.params.id });
    },
  });
}

function signingKeyRoutes(api: Api, { auth }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/auth/signing-keys/rotate',
    config: { access: 'admin' },
    schema: {
      tags: ['accounts'],
      summary: 'Signs access tokens with a new key from now on.',
      body: z
        .strictObject({
          /** End the tokens that are out at once, as when a key has leaked. */
          end_tokens: z.boolean().default(false),
        })
        .nullish(),
      response: { 200: answerOf(z.object({ id: z.string(), created_at: z.string() })) },
    },
    handler: async (request) => {
      const endTokens = request.body?.end_tokens ?? false;
      const key = await auth.rotateSigningKey({ endTokens }, actorOf(principalOf(request)));
      return success({ id: key.id, created_at: isoTime(key.createdAtMs) });
    },
  });
}

function toAnswer(user: User) {
  return {
    id: user.id,
    username: user.username,
    role: user.role,
    scopes: [...scopesOf(user)],
    created_at: isoTime(user.createdAtMs),
  };
}

function toNewAnswer({ user, password }: { user: User; password: string | undefined }) {
  return { ...toAnswer(user), ...(password === undefined ? {} : { password }) };
}
