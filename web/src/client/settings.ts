import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { read } from './call.ts';
import type { BodyOf, DataOf } from './call.ts';
import { pollEvery } from './live.ts';

export type AlertChannel = DataOf<'GET /api/v1/alerts/channels'>[number];
export type ChannelEdit = BodyOf<'POST /api/v1/alerts/channels'>;
export type RaisedAlert = DataOf<'GET /api/v1/alerts'>[number];
export type Retention = DataOf<'GET /api/v1/settings/retention'>;
export type RetentionTerms = BodyOf<'PUT /api/v1/settings/retention'>;

export const channelsQuery = queryOptions({
  queryKey: ['alerts', 'channels'],
  queryFn: ({ signal }) => read('GET /api/v1/alerts/channels', { signal }),
});

const ALERTS = 50;

export const raisedAlertsQuery = queryOptions({
  queryKey: ['alerts', 'raised'],
  queryFn: ({ signal }) => read('GET /api/v1/alerts', { query: { limit: ALERTS }, signal }),
  placeholderData: keepPreviousData,
  refetchInterval: pollEvery(10_000),
});

export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: ({ signal }) => read('GET /api/v1/settings/retention', { signal }),
});

export const currencyQuery = queryOptions({
  queryKey: ['display-currency'],
  queryFn: ({ signal }) => read('GET /api/v1/settings/display-currency', { signal }),
});
