import fastifySwagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

import type { Api } from './api-deps.ts';
import type { Access } from './route-access.ts';

/** Describes the routes that are registered after this, from the schemas that validate them. */
export async function describeApi(api: FastifyInstance, version: string): Promise<void> {
  await api.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Signalbox',
        description: 'Sees and steers every AI agent that a team runs.',
        version,
      },
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'A key (sbx_…) or an access token',
          },
          key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        },
      },
    },
    transform: (document) => {
      const transformed = jsonSchemaTransform(document);
      const access: Access | undefined = document.route.config?.access;
      const security = access === 'public' ? [] : [{ bearer: [] }, { key: [] }];
      return {
        ...transformed,
        schema: { ...transformed.schema, security, 'x-access': access },
      };
    },
    transformObject: jsonSchemaTransformObject,
  });
}

export function openApiRoutes(api: Api): void {
  api.route({
    method: 'GET',
    url: '/api/v1/openapi.json',
    config: { access: 'signed-in' },
    schema: { tags: ['health'], summary: 'Describes this API.' },
    handler: async (_request, reply) => reply.send(api.swagger()),
  });
}
