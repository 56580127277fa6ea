import fastifySwagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

import type { Api } from './api-deps.ts';
import { ANSWER_EXAMPLES } from './examples/answer-examples.ts';
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
    transformObject: (document) => withExamples(jsonSchemaTransformObject(document)),
  });
}

interface Described {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses?: Readonly<
    Record<string, { content?: Record<string, { example?: unknown }> }>
  >;
}

/** Puts an example of what is answered when all is well beside each schema that has one. */
function withExamples<Document extends object>(document: Document): Document {
  const { paths } = document as Described;
  for (const { routes, answer } of ANSWER_EXAMPLES) {
    for (const route of routes) {
      const [method, url] = route.split(' ') as [string, string];
      const operation = paths?.[url.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      for (const [status, { content }] of Object.entries(operation?.responses ?? {})) {
        const json = content?.['application/json'];
        if (status.startsWith('2') && json !== undefined) json.example = answer;
      }
    }
  }
  return document;
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
