import { queryOptions } from '@tanstack/react-query';
import type { AgentStatus } from '../../../src/model/agent.ts';
import { read } from './call.ts';
import { request } from './http.ts';
import { pollEvery } from './live.ts';

export interface OtelStatus {
  readonly status: 'waiting' | 'receiving' | 'quiet';
  readonly executions_24h: number;
  readonly last_received: string | null;
  readonly grpc_endpoint: string | null;
  readonly env: { readonly OTEL_EXPORTER_OTLP_ENDPOINT: string };
}

export const otelStatusQuery = queryOptions({
  queryKey: ['otel-status'],
  queryFn: async ({ signal }) =>
    (await request<OtelStatus>('/api/v1/otel/status', { signal })).data,
  refetchInterval: 4_000,
});

/** The newest trace that is stored, to see one arrive; null when there is none. */
export const newestTraceQuery = queryOptions({
  queryKey: ['newest-trace'],
  queryFn: async ({ signal }) =>
    (await read('GET /api/v1/traces', { query: { limit: 1 }, signal }))[0] ?? null,
  refetchInterval: 2_000,
  staleTime: 0,
  gcTime: 0,
});

export interface NewKey {
  readonly secret: string;
  readonly label: string;
}

/** Makes a key that may only send telemetry; its secret is answered this once. */
export async function createIngestKey(label: string): Promise<NewKey> {
  const { data } = await request<NewKey>('/auth/api-keys', {
    method: 'POST',
    body: { label, scopes: ['telemetry:write'] },
  });
  return data;
}

export interface RegistryStats {
  readonly total: number;
  readonly by_status: Readonly<Record<AgentStatus, number>>;
  readonly by_health: Readonly<Record<'healthy' | 'degraded' | 'down' | 'unknown', number>>;
  /** Sightings since the server started of names that were not registered. */
  readonly unregistered: { readonly over_limit: number; readonly unusable_name: number };
}

export const registryStatsQuery = queryOptions({
  queryKey: ['agents', 'stats'],
  queryFn: async ({ signal }) =>
    (await request<RegistryStats>('/api/v1/registry/stats', { signal })).data,
  refetchInterval: pollEvery(10_000),
});
