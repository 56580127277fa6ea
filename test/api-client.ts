/** Writes an OpenAPI 3.1 document as the TypeScript types of a client: each route with what it takes and answers. */

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema | boolean;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly nullable?: boolean;
  readonly description?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: JsonSchema;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { schema?: JsonSchema }>> };
  readonly responses?: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema?: JsonSchema }>> }>
  >;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The text of the generated module. */
export function writeApiClient(document: OpenApiDocument): string {
  const whole = JSON.stringify(document);
  const schemas = Object.entries(document.components?.schemas ?? {})
    // Each schema is described for questions too, whether or not one asks with it.
    .filter(([name]) => !name.endsWith('Input') || whole.includes(`schemas/${name}"`))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const routes = Object.entries(document.paths)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, operations]) =>
      METHODS.flatMap((method) => {
        const operation = operations[method];
        return operation === undefined ? [] : [writeRoute(method.toUpperCase(), path, operation)];
      }),
    );
  return [
    "// Generated from the API's own description by `npm run generate`; not written by hand.",
    '',
    'export interface Schemas {',
    ...schemas.map(([name, schema]) => `  readonly ${keyOf(name)}: ${typeOf(schema, 1)};`),
    '}',
    '',
    '/** What each route takes and answers: `data` and `meta` of its answer. */',
    'export interface Routes {',
    ...routes,
    '}',
    '',
  ].join('\n');
}

function writeRoute(method: string, path: string, operation: Operation): string {
  const of = (place: string): string | undefined => {
    const parameters = (operation.parameters ?? []).filter((one) => one.in === place);
    if (parameters.length === 0) return undefined;
    const required = parameters.filter((one) => one.required === true).map(({ name }) => name);
    const properties = Object.fromEntries(
      parameters.map(({ name, schema }) => [name, schema ?? {}]),
    );
    return typeOf({ type: 'object', properties, required }, 2);
  };
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const [, answer] =
    Object.entries(operation.responses ?? {}).find(([status]) => /^2\d\d$/.test(status)) ?? [];
  const answered = answer?.content?.['application/json']?.schema;
  const lines = [
    ['params', of('path')],
    ['query', of('query')],
    ['body', body === undefined || isEmpty(body) ? undefined : typeOf(body, 2)],
    ['data', answered?.properties?.['data'] && typeOf(answered.properties['data'], 2)],
    ['meta', answered?.properties?.['meta'] && typeOf(answered.properties['meta'], 2)],
  ].filter(([, type]) => type !== undefined);
  return [
    ...(operation.summary === undefined ? [] : [`  /** ${operation.summary} */`]),
    `  readonly '${method} ${path}': {`,
    ...lines.map(([name, type]) => `    readonly ${name}: ${type};`),
    '  };',
  ].join('\n');
}

/** A route that takes no field is described as taking an empty object, or null. */
function isEmpty(body: JsonSchema): boolean {
  if (body.anyOf !== undefined) return body.anyOf.every(isEmpty);
  return (
    body.type === 'null' ||
    (body.type === 'object' && body.properties === undefined) ||
    (body.properties !== undefined && Object.keys(body.properties).length === 0)
  );
}

function typeOf(schema: JsonSchema, depth: number): string {
  const type = bareTypeOf(schema, depth);
  return schema.nullable === true && type !== 'unknown' ? `${type} | null` : type;
}

function bareTypeOf(schema: JsonSchema, depth: number): string {
  if (schema.$ref !== undefined) {
    return `Schemas['${schema.$ref.split('/').at(-1)!}']`;
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((one) => JSON.stringify(one)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return union(choices.map((one) => typeOf(one, depth)));
  if (schema.allOf !== undefined) {
    return schema.allOf.map((one) => `(${typeOf(one, depth)})`).join(' & ');
  }
  if (Array.isArray(schema.type)) {
    return union(schema.type.map((one: string) => typeOf({ ...schema, type: one }, depth)));
  }
  if (schema.type === 'array') return arrayOf(schema, depth);
  if (schema.type === 'object') return objectOf(schema, depth);
  return (typeof schema.type === 'string' ? PLAIN[schema.type] : undefined) ?? 'unknown';
}

const PLAIN: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

function arrayOf(schema: JsonSchema, depth: number): string {
  if (schema.prefixItems !== undefined) {
    return `readonly [${schema.prefixItems.map((one) => typeOf(one, depth)).join(', ')}]`;
  }
  const item = typeof schema.items === 'object' ? typeOf(schema.items, depth) : 'unknown';
  return `readonly ${/[|&]|^readonly/.test(item) ? `(${item})` : item}[]`;
}

function objectOf(schema: JsonSchema, depth: number): string {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) {
    const rest = schema.additionalProperties;
    const value = typeof rest === 'object' ? typeOf(rest, depth) : 'unknown';
    return `Readonly<Record<string, ${value}>>`;
  }
  const indent = '  '.repeat(depth + 1);
  const lines = properties.map(([name, property]) => {
    const optional = schema.required?.includes(name) === true ? '' : '?';
    const undefinable = optional === '' ? '' : ' | undefined';
    const note = property.description === undefined ? '' : `/** ${property.description} */ `;
    return `${indent}${note}readonly ${keyOf(name)}${optional}: ${typeOf(property, depth + 1)}${undefinable};`;
  });
  return ['{', ...lines, `${'  '.repeat(depth)}}`].join('\n');
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ');
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`;
}
