import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startApi, type TestApi } from '../../test/harness/api.ts';
import { ANSWER_EXAMPLES } from './examples/answer-examples.ts';

/** Every answer of routes with these tags is shown by an example. */
const SHOWN = new Set([
  'anomalies',
  'budgets',
  'costs',
  'health',
  'jobs',
  'prices',
  'quality',
  'risk',
  'runs',
]);

interface Answer {
  readonly content?: Readonly<Record<string, { schema: object; example?: unknown }>>;
}

interface Description {
  readonly paths: Readonly<
    Record<
      string,
      Record<string, { readonly tags?: string[]; readonly responses?: Record<string, Answer> }>
    >
  >;
  readonly components: {
    readonly schemas: Readonly<Record<string, { example?: unknown; examples?: unknown[] }>>;
  };
}

let api: TestApi;
let described: Description;
const ajv = new Ajv2020({ strict: false, validateFormats: false });
beforeAll(async () => {
  api = await startApi();
  const key = await api.keyWith('monitoring:read');
  described = (await api.call('GET', '/api/v1/openapi.json', { key })).body;
  ajv.addSchema({ $id: 'api', components: described.components });
});
afterAll(() => api.close());

/** What is wrong with a value that stands under a schema of the description; none when nothing is. */
function faults(schema: object, value: unknown): string[] {
  const absolute = JSON.parse(
    JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/'),
  ) as object;
  const validate = ajv.compile(absolute);
  return validate(value)
    ? []
    : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Each answer of the routes named that is described by a schema: `GET /api/v1/runs 200`. */
function answersOf(isWanted: (route: string, tags: readonly string[]) => boolean) {
  return Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { tags = [], responses = {} }]) => {
      const route = `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`;
      if (!isWanted(route, tags)) return [];
      return Object.entries(responses).flatMap(([status, { content }]) => {
        const json = content?.['application/json'];
        return json === undefined || !status.startsWith('2')
          ? []
          : [{ name: `${route} ${status}`, ...json }];
      });
    }),
  );
}

describe('the description of the API', () => {
  test('shows every answer about costs, runs, quality and what is watched, as its schema has it', () => {
    const shown = answersOf((_, tags) => tags.some((tag) => SHOWN.has(tag)));
    expect(shown.length).toBeGreaterThan(70);
    const wrong = shown.flatMap(({ name, schema, example }) =>
      example === undefined
        ? [`${name} has no example`]
        : faults(schema, example).map((fault) => `${name}: ${fault}`),
    );
    expect(wrong).toEqual([]);
  });

  test('has each example beside the route that it is of', () => {
    const routes = ANSWER_EXAMPLES.flatMap((example) => example.routes);
    expect(answersOf((route) => routes.includes(route)).length).toBe(routes.length);
  });

  test('shows shapes by examples that are of the shape', () => {
    const { schemas } = described.components;
    const wrong = Object.entries(schemas).flatMap(([name, schema]) => {
      // What may be left out is filled in: examples are as they are sent.
      const shape = `${name}Input` in schemas ? `${name}Input` : name;
      const examples = [
        ...(schema.examples ?? []),
        ...('example' in schema ? [schema.example] : []),
      ];
      return examples.flatMap((example) =>
        faults({ $ref: `#/components/schemas/${shape}` }, example).map(
          (fault) => `${name}: ${fault}`,
        ),
      );
    });
    expect(wrong).toEqual([]);
  });
});
