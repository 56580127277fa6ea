import { readFile } from 'node:fs/promises';

import { AppError, messageOf } from '../../errors.ts';
import type { OpenApiConfig } from '../gateway-file.ts';
import { parseYamlFile } from '../policy/parse-policies.ts';
import type { JsonObject, ToolResult } from '../tool-call.ts';
import { formatTraceparent } from '../trace-context.ts';
import { sendRequest } from './http-request.ts';
import {
  readOpenApi,
  serverOf,
  type OpenApiOperation,
  type OpenApiParameter,
} from './openapi-document.ts';
import { readBounded } from './read-bounded.ts';
import type { ForwardOptions, Upstream } from './upstream.ts';

const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

/** An HTTP API whose operations are tools. Throws `CONFIG_INVALID` when the document cannot be read. */
export async function createOpenApiUpstream(config: OpenApiConfig): Promise<Upstream> {
  const source = (config.file ?? config.url)!;
  const document = await readDocument(config, source);
  const operations = new Map(
    readOpenApi(document, source).map((operation) => [operation.name, operation]),
  );
  const server = config.backend_url ?? serverOf(document) ?? '';
  const base = config.url === undefined ? server : new URL(server, config.url).href;
  if (!URL.canParse(base) || !/^https?:/.test(base)) {
    const remedy = 'name the server with backend_url';
    throw new AppError('CONFIG_INVALID', `${source} names no server that can be called; ${remedy}`);
  }
  const name = config.name ?? new URL(base).host;
  const tools = [...operations.values()].map((operation) => ({
    name: operation.name,
    description: operation.description,
    inputSchema: operation.inputSchema,
    readOnly: operation.method === 'GET',
  }));
  return {
    name,
    prefix: config.name === undefined ? '' : `${config.name}.`,
    tools: () => tools,
    async call(tool, params, options) {
      const operation = operations.get(tool);
      if (operation === undefined) {
        throw new AppError('VALIDATION_ERROR', `${name} has no operation ${tool}`);
      }
      return callOperation({ base, config, operation }, params, options);
    },
    status: () => ({
      name,
      kind: 'openapi',
      transport: 'http',
      state: 'ready',
      tools: tools.length,
      error: '',
    }),
    onToolsChanged: () => undefined,
    close: async () => undefined,
  };
}

async function readDocument(config: OpenApiConfig, source: string): Promise<unknown> {
  try {
    if (config.file !== undefined)
      return parseYamlFile(await readFile(config.file, 'utf8'), source);
    const answer = await fetch(source, {
      headers: config.headers,
      signal: AbortSignal.timeout(config.timeout_seconds * 1_000),
    });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    const bytes = await readBounded(answer.body, DOCUMENT_BYTES_MAX);
    return parseYamlFile(bytes.toString('utf8'), source);
  } catch (error) {
    const message = `cannot read the OpenAPI document ${source}: ${messageOf(error)}`;
    throw new AppError('CONFIG_INVALID', message, { cause: error });
  }
}

interface Backend {
  readonly base: string;
  readonly config: OpenApiConfig;
  readonly operation: OpenApiOperation;
}

async function callOperation(
  { base, config, operation }: Backend,
  params: JsonObject,
  { trace, signal }: ForwardOptions,
): Promise<ToolResult> {
  const { url, headers, body } = requestOf(base, operation, params);
  try {
    const answer = await sendRequest({
      url,
      method: operation.method,
      headers: {
        accept: 'application/json, */*;q=0.5',
        ...headers,
        ...config.headers,
        traceparent: formatTraceparent(trace),
        'x-trace-id': trace.traceId,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: config.timeout_seconds * 1_000,
      bytesMax: config.result_bytes_max,
      signal,
    });
    return {
      value: valueOf(answer.body.toString('utf8')),
      statusCode: answer.status,
      failed: answer.status >= 300,
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { origin } = new URL(base);
    throw new AppError('UPSTREAM_FAILED', `${origin} does not answer: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Arguments go where the document says; what it does not name is the body, or the query of a request without one. */
function requestOf(base: string, operation: OpenApiOperation, params: JsonObject) {
  const rest = new Map(Object.entries(params));
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  const take = (name: string): unknown => {
    const value = rest.get(name);
    rest.delete(name);
    return value;
  };
  const path = operation.path.replaceAll(/\{([^{}]+)\}/g, (_, name: string) =>
    pathPart(name, take(name)),
  );
  const cookies: string[] = [];
  for (const parameter of operation.parameters) {
    const { name, in: place } = parameter;
    const value = take(name);
    if (value === undefined || value === null) continue;
    if (place === 'query') appendStyled(query, parameter, value);
    else if (place === 'cookie') {
      cookies.push(`${name}=${encodeURIComponent(scalarText(name, value))}`);
    } else if (place === 'header') headers[name.toLowerCase()] = headerText(name, value);
  }
  if (cookies.length > 0) headers['cookie'] = cookies.join('; ');
  const hasBody =
    operation.method !== 'GET' && (operation.hasBody || operation.method !== 'DELETE');
  const whole = rest.size === 1 && rest.has('body');
  const body = hasBody ? (whole ? rest.get('body') : Object.fromEntries(rest)) : undefined;
  if (!hasBody) for (const [name, value] of rest) appendQuery(query, name, value);
  const url = new URL(base.replace(/\/+$/, '') + path);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return { url, headers, body: rest.size === 0 && !operation.hasBody ? undefined : body };
}

/** A part that is `..` would lead elsewhere. */
function pathPart(name: string, value: unknown): string {
  if (Array.isArray(value) && value.length > 0) {
    return value.map((item) => pathPart(name, item)).join(',');
  }
  const text = scalarText(name, value);
  if (text === '' || text === '.' || text === '..') {
    throw new AppError('VALIDATION_ERROR', `${name} must not be ${JSON.stringify(text)}`);
  }
  return encodeURIComponent(text);
}

function headerText(name: string, value: unknown): string {
  const text = scalarText(name, value);
  if (!/[\r\n\0]/.test(text)) return text;
  throw new AppError('VALIDATION_ERROR', `${name} must be one line`);
}

function appendStyled(
  query: URLSearchParams,
  { name, separator, isDeep }: OpenApiParameter,
  value: unknown,
): void {
  if (isDeep && typeof value === 'object' && !Array.isArray(value)) {
    for (const [member, inner] of Object.entries(value!)) {
      appendQuery(query, `${name}[${member}]`, inner);
    }
  } else if (separator !== undefined && Array.isArray(value)) {
    query.append(name, value.map((item) => scalarText(name, item)).join(separator));
  } else appendQuery(query, name, value);
}

function appendQuery(query: URLSearchParams, name: string, value: unknown): void {
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item !== undefined && item !== null) {
      query.append(name, typeof item === 'object' ? JSON.stringify(item) : String(item));
    }
  }
}

/** A list as its items with commas between them. */
function scalarText(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => scalarText(name, item)).join(',');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw new AppError('VALIDATION_ERROR', `${name} must be given, as text or a number`);
}
