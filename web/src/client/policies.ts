import { queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';
import type { DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type Policies = DataOf<'GET /api/v1/policies'>;
export type PolicyRule = Policies['policies'][number]['rules'][number];
export type PolicyDecision = DataOf<'POST /api/v1/policies/decide'>;
export type DryRun = DataOf<'POST /api/v1/policies/dry-run'>;
export type Grant = DataOf<'GET /api/v1/grants'>[number];
export type ToolPin = DataOf<'GET /api/v1/tool-pins'>[number];

export const policiesQuery = queryOptions({
  queryKey: ['policies'],
  queryFn: ({ signal }) => read('GET /api/v1/policies', { signal }),
  // A file that changes is told to nobody; the calls that are counted are.
  refetchInterval: 5_000,
  retry: false,
});

export interface Tried {
  readonly agent: string;
  readonly tool: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What would be decided about a call; undefined leaves the question unasked. */
export function tryQuery(tried: Tried | undefined) {
  return queryOptions({
    queryKey: ['policies', 'try', tried],
    enabled: tried !== undefined,
    queryFn: ({ signal }) => read('POST /api/v1/policies/decide', { body: tried!, signal }),
    retry: false,
  });
}

export function runDry(yaml: string): Promise<DryRun> {
  return read('POST /api/v1/policies/dry-run', { body: yaml.trim() === '' ? {} : { yaml } });
}

export function grantsQuery(which: 'active' | 'all') {
  return queryOptions({
    queryKey: ['grants', which],
    queryFn: ({ signal }) => read('GET /api/v1/grants', { query: { which }, signal }),
    refetchInterval: pollEvery(10_000),
  });
}

export const toolPinsQuery = queryOptions({
  queryKey: ['tool-pins'],
  queryFn: ({ signal }) => read('GET /api/v1/tool-pins', { signal }),
  // A server that changes its tools is told to nobody.
  refetchInterval: 5_000,
});
