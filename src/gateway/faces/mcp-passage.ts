import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../tool-call.ts';
import type { ForwardOptions, McpMethod, McpOffers, Upstream } from '../upstreams/upstream.ts';

interface Source {
  readonly prefix: string;
  readonly offers: McpOffers;
}

const PAGES_MAX = 64;

/**
 * Passes a request for resources or prompts on to where it belongs. Lists of all servers are joined; prompts are named
 * `server.prompt`; a resource is asked of the servers in their order until one has it.
 */
export async function passOn(
  upstreams: readonly Upstream[],
  method: McpMethod,
  params: JsonObject,
  options: ForwardOptions,
): Promise<JsonObject> {
  const needs = method.startsWith('resources/')
    ? 'resources'
    : method.startsWith('prompts/')
      ? 'prompts'
      : 'completions';
  const sources = upstreams.flatMap(({ prefix, beside }) =>
    beside?.has(needs) === true ? [{ prefix, offers: beside }] : [],
  );
  switch (method) {
    case 'resources/list':
      return { resources: await joined(sources, { method, member: 'resources', options }) };
    case 'resources/templates/list':
      return {
        resourceTemplates: await joined(sources, { method, member: 'resourceTemplates', options }),
      };
    case 'prompts/list':
      return { prompts: await joined(sources, { method, member: 'prompts', options }) };
    case 'prompts/get': {
      const { source, name } = ownerOf(sources, params['name']);
      return source.offers.request(method, { ...params, name }, options);
    }
    case 'resources/read':
      return firstOf(sources, method, params, options);
    case 'completion/complete':
      return complete(sources, params, options);
  }
}

async function joined(
  sources: readonly Source[],
  about: {
    readonly method: McpMethod;
    readonly member: string;
    readonly options: ForwardOptions;
  },
): Promise<JsonObject[]> {
  const lists = await Promise.all(sources.map((source) => allPages(source, about)));
  return lists.flat();
}

async function allPages(
  { prefix, offers }: Source,
  {
    method,
    member,
    options,
  }: { readonly method: McpMethod; readonly member: string; readonly options: ForwardOptions },
): Promise<JsonObject[]> {
  const found: JsonObject[] = [];
  let cursor: unknown;
  for (let page = 0; page < PAGES_MAX; page++) {
    // A server that fails hides its own resources, not those of the others.
    const answer = await offers
      .request(method, cursor === undefined ? {} : { cursor }, options)
      .catch((): JsonObject => ({}));
    const items = answer[member];
    for (const item of Array.isArray(items) ? (items as JsonObject[]) : []) {
      found.push(
        method === 'prompts/list' ? { ...item, name: `${prefix}${String(item['name'])}` } : item,
      );
    }
    cursor = answer['nextCursor'];
    if (cursor === undefined) break;
  }
  return found;
}

function ownerOf(sources: readonly Source[], name: unknown): { source: Source; name: string } {
  const text = String(name);
  const source = sources.find(({ prefix }) => text.startsWith(prefix));
  if (source === undefined) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no prompt ${text}`);
  }
  return { source, name: text.slice(source.prefix.length) };
}

async function firstOf(
  sources: readonly Source[],
  method: McpMethod,
  params: JsonObject,
  options: ForwardOptions,
): Promise<JsonObject> {
  let failure = 'no server has resources';
  for (const { offers } of sources) {
    try {
      return await offers.request(method, params, options);
    } catch (error) {
      failure = messageOf(error);
    }
  }
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, failure);
}

async function complete(
  sources: readonly Source[],
  params: JsonObject,
  options: ForwardOptions,
): Promise<JsonObject> {
  const reference = params['ref'] as JsonObject | undefined;
  if (reference?.['type'] !== 'ref/prompt') {
    return firstOf(sources, 'completion/complete', params, options);
  }
  const { source, name } = ownerOf(sources, reference['name']);
  const own = { ...params, ref: { ...reference, name } };
  return source.offers.request('completion/complete', own, options);
}
