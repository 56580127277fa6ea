import { z } from 'zod';

import { knownScopes, SCOPES } from '../auth/scope.ts';
import type { ApiKey } from '../storage/key-store.ts';
import { answerOf, idParams, isoTime, isoTimeOrNull, nonEmptyText, success } from './answer.ts';
import type { Api, ApiDeps } from './api-deps.ts';
import { principalOf } from './route-access.ts';

const keyFields = {
  id: z.string(),
  label: z.string(),
  /** The first characters of the secret. */
  prefix: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  created_at: z.string(),
  created_by: z.string(),
  /** Null: lives until it is revoked. */
  expires_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
};

const keyAnswer = z.object(keyFields).meta({ id: 'ApiKey' });
const newKeyAnswer = z.object({ ...keyFields, secret: z.string() }).meta({ id: 'NewApiKey' });

export function apiKeyRoutes(api: Api, { auth }: ApiDeps): void {
  api.route({
    method: 'POST',
    url: '/auth/api-keys',
    config: { access: 'signed-in' },
    schema: {
      tags: ['keys'],
      summary: 'Makes a key with scopes that the caller holds. Its secret is answered this once.',
      body: z.strictObject({
        label: nonEmptyText(128),
        scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
        expires_in_days: z.int().min(1).max(36_500).optional(),
      }),
      response: { 201: answerOf(newKeyAnswer) },
    },
    handler: async (request, reply) => {
      const { label, scopes, expires_in_days: expiresInDays } = request.body;
      const { key, secret } = await auth.apiKeys.create(
        { label, scopes, expiresInDays },
        principalOf(request),
      );
      return reply.code(201).send(success({ ...toAnswer(key), secret }));
    },
  });

  api.route({
    method: 'GET',
    url: '/auth/api-keys',
    config: { access: 'signed-in' },
    schema: {
      tags: ['keys'],
      summary: 'Lists the own keys, for an administrator all; newest first, without the revoked.',
      response: { 200: answerOf(z.array(keyAnswer)) },
    },
    handler: async (request) => {
      const keys = await auth.apiKeys.list(principalOf(request));
      return success(keys.map(toAnswer));
    },
  });

  api.route({
    method: 'DELETE',
    url: '/auth/api-keys/:id',
    config: { access: 'signed-in' },
    schema: {
      tags: ['keys'],
      summary: 'Revokes a key and the keys that were made with it.',
      params: idParams,
      response: { 200: answerOf(z.object({ revoked: z.array(z.string()) })) },
    },
    handler: async (request) => {
      const revoked = await auth.apiKeys.revoke(request.params.id, principalOf(request));
      return success({ revoked: [...revoked] });
    },
  });
}

function toAnswer(key: ApiKey) {
  return {
    id: key.id,
    label: key.label,
    prefix: key.prefix,
    scopes: [...knownScopes(key.scopes)],
    created_at: isoTime(key.createdAtMs),
    created_by: key.createdBy,
    expires_at: isoTimeOrNull(key.expiresAtMs),
    last_used_at: isoTimeOrNull(key.lastUsedAtMs),
  };
}
