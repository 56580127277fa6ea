import type { ApiDeps } from '../../src/api/api-deps.ts';
import { createMetricAnswers } from '../../src/api/metric-answers.ts';
import type { Clock } from '../../src/base/clock.ts';
import { createMetricQuery } from '../../src/query/metrics/metric-query.ts';
import type { MetricStore } from '../../src/storage/metric-store.ts';

/** A project to which no metric was sent. */
const NO_METRICS: MetricStore = {
  listMetrics: async () => [],
  listIdentities: async () => [],
  countPoints: async () => [],
  describeStreams: async () => [],
  getResources: async () => [],
  getScopes: async () => [],
  getPayloadStarts: async () => new Map(),
  readNumbers: async () => [],
  readBuckets: async () => [],
  readExponential: async () => [],
  readQuantiles: async () => [],
  sumDeltas: async () => new Map(),
  sumDeltaBuckets: async () => [],
  listResourceTimes: async () => [],
};

/** What the API asks about metrics, where there are none. */
export function metricsWithoutPoints(clock: Clock): Pick<ApiDeps, 'metrics' | 'metricAnswers'> {
  const metrics = createMetricQuery({ store: NO_METRICS, clock });
  return { metrics, metricAnswers: createMetricAnswers(metrics) };
}
