import type { MetricStore } from '../../src/storage/metric-store.ts';

/** A project to which no metric was sent. */
export const NO_METRICS: MetricStore = {
  listMetrics: async () => [],
  listIdentities: async () => [],
  countPoints: async () => [],
  describeStreams: async () => [],
  getResources: async () => [],
  getScopes: async () => [],
  readNumbers: async () => [],
  readBuckets: async () => [],
  readExponential: async () => [],
  readQuantiles: async () => [],
  sumBefore: async () => new Map(),
  sumBucketsBefore: async () => [],
  listResourceTimes: async () => [],
};
