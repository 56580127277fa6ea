import { AppError } from '../../errors.ts';
import type { JsonObject } from '../tool-call.ts';

/** An operation of an OpenAPI document (2.0 or 3.x), as a tool. */
export interface OpenApiOperation {
  /** `operationId` in snake case, else made of method and path. */
  readonly name: string;
  readonly description: string;
  /** In upper case. */
  readonly method: string;
  /** With `{name}` where a parameter goes. */
  readonly path: string;
  readonly parameters: readonly OpenApiParameter[];
  readonly hasBody: boolean;
  readonly inputSchema: JsonObject;
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: ParameterPlace;
  /** Between the items of a list in the query; undefined where each item is named anew. */
  readonly separator?: string | undefined;
  /** Whether the members of an object stand in the query each as `name[member]`. */
  readonly isDeep?: boolean;
}

type ParameterPlace = 'path' | 'query' | 'header' | 'cookie' | 'body' | 'formData';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const OPERATIONS_MAX = 5_000;
const REFERENCES_DEEP_MAX = 32;

/** The operations of a document. Throws `CONFIG_INVALID` for what is none. */
export function readOpenApi(document: unknown, source: string): readonly OpenApiOperation[] {
  const root = objectOf(document);
  const paths = objectOf(root?.['paths']);
  if (root === undefined || paths === undefined) {
    throw new AppError('CONFIG_INVALID', `${source} is no OpenAPI document: it has no paths`);
  }
  const resolve = resolverOf(root);
  const operations: OpenApiOperation[] = [];
  const names = new Set<string>();
  for (const [path, item] of Object.entries(paths)) {
    const methods = objectOf(resolve(item)) ?? {};
    for (const method of METHODS) {
      const operation = objectOf(methods[method]);
      if (operation === undefined) continue;
      const read = readOperation(path, method, {
        operation,
        shared: methods['parameters'],
        resolve,
      });
      const name = names.has(read.name) ? nameOf(path, method) : read.name;
      if (names.has(name)) continue;
      names.add(name);
      operations.push({ ...read, name });
      if (operations.length > OPERATIONS_MAX) {
        const message = `${source} has more than ${OPERATIONS_MAX} operations`;
        throw new AppError('CONFIG_INVALID', message);
      }
    }
  }
  return operations;
}

/** Where the document says that its server is; undefined when it does not. */
export function serverOf(document: unknown): string | undefined {
  const root = objectOf(document) ?? {};
  const servers: unknown = root['servers'];
  const first: unknown = Array.isArray(servers) ? objectOf(servers[0])?.['url'] : undefined;
  if (typeof first === 'string') return first;
  const { host, basePath, schemes } = root;
  if (typeof host !== 'string') return undefined;
  const scheme: unknown = Array.isArray(schemes) ? schemes[0] : 'https';
  return `${String(scheme)}://${host}${typeof basePath === 'string' ? basePath : ''}`;
}

type Resolve = (value: unknown) => unknown;

function readOperation(
  path: string,
  method: string,
  about: { readonly operation: JsonObject; readonly shared: unknown; readonly resolve: Resolve },
): OpenApiOperation {
  const { operation, shared, resolve } = about;
  const lists = [operation['parameters'], shared].flatMap((list): unknown[] =>
    Array.isArray(list) ? list : [],
  );
  const parameters: OpenApiParameter[] = [];
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  let body = objectOf(resolve(operation['requestBody']));
  for (const item of lists) {
    const parameter = objectOf(resolve(item)) ?? {};
    const { name, in: place } = parameter;
    if (typeof name !== 'string' || typeof place !== 'string' || Object.hasOwn(properties, name)) {
      continue;
    }
    // Version 2 has the body among the parameters.
    if (place === 'body') {
      body = { content: { 'application/json': { schema: parameter['schema'] } } };
      continue;
    }
    parameters.push({ name, in: place as ParameterPlace, ...styleOf(parameter) });
    properties[name] = schemaOf(parameter, resolve);
    if (parameter['required'] === true || place === 'path') required.push(name);
  }
  if (body !== undefined) {
    const content = objectOf(body['content']) ?? {};
    const media = objectOf(content['application/json'] ?? Object.values(content)[0]) ?? {};
    properties['body'] = deepResolve(media['schema'] ?? { type: 'object' }, resolve, 0);
    if (body['required'] === true) required.push('body');
  }
  const text = (key: string): string | undefined =>
    typeof operation[key] === 'string' && operation[key] !== '' ? operation[key] : undefined;
  const id = text('operationId');
  return {
    name: id === undefined ? nameOf(path, method) : snakeCase(id),
    description: text('summary') ?? text('description') ?? `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    parameters,
    hasBody: body !== undefined,
    inputSchema: { type: 'object', properties, ...(required.length > 0 ? { required } : {}) },
  };
}

/** By the words of version 3, and of version 2 before it. */
const SEPARATORS: Readonly<Record<string, string>> = {
  spaceDelimited: ' ',
  pipeDelimited: '|',
  csv: ',',
  ssv: ' ',
  tsv: '\t',
  pipes: '|',
};

/** https://spec.openapis.org/oas/v3.1.1.html#style-values, and the `collectionFormat` of version 2. */
function styleOf({ style, explode, collectionFormat, type }: JsonObject) {
  if (style === 'deepObject') return { isDeep: true };
  // Version 2 has the type beside the name, and commas unless it says otherwise.
  const old = collectionFormat ?? (type === 'array' ? 'csv' : undefined);
  if (typeof old === 'string') return { separator: SEPARATORS[old] };
  if (explode === true || (explode === undefined && (style === undefined || style === 'form'))) {
    return {};
  }
  return { separator: (typeof style === 'string' ? SEPARATORS[style] : undefined) ?? ',' };
}

function schemaOf(parameter: JsonObject, resolve: Resolve): unknown {
  const own =
    parameter['schema'] === undefined
      ? { type: parameter['type'] ?? 'string' }
      : deepResolve(parameter['schema'], resolve, 0);
  const { description } = parameter;
  return typeof description === 'string' ? { ...objectOf(own), description } : own;
}

/** Follows references within the document, `#/components/…`; others stay. */
function resolverOf(root: JsonObject): Resolve {
  const resolve = (value: unknown, depth = 0): unknown => {
    const reference = objectOf(value)?.['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return value;
    if (depth > REFERENCES_DEEP_MAX) return {};
    const found = reference
      .slice(2)
      .split('/')
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, part) => {
        const inner = objectOf(at);
        return inner !== undefined && Object.hasOwn(inner, part) ? inner[part] : undefined;
      }, root);
    return resolve(found, depth + 1);
  };
  return (value) => resolve(value);
}

/** A schema without references; where one leads back into itself it ends in a schema for anything. */
function deepResolve(value: unknown, resolve: Resolve, depth: number): unknown {
  if (depth > 12) return {};
  const found = resolve(value);
  if (Array.isArray(found)) return found.map((item) => deepResolve(item, resolve, depth + 1));
  const inner = objectOf(found);
  if (inner === undefined) return found;
  return Object.fromEntries(
    Object.entries(inner).map(([name, member]) => [name, deepResolve(member, resolve, depth + 1)]),
  );
}

function nameOf(path: string, method: string): string {
  const words = path.replaceAll(/[{}]/g, '').replaceAll(/[^A-Za-z0-9]+/g, '_');
  return `${method}_${words.replaceAll(/^_+|_+$/g, '')}`;
}

const snakeCase = (text: string): string =>
  text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
    .toLowerCase();

function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}
