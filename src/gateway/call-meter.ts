import type { TraceEntry } from './trace-entry.ts';

/** Counts of calls, as Prometheus reads them. */
export interface CallMeter {
  count(entry: TraceEntry): void;
  text(): string;
}

interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly value: () => number;
}

const BOUNDS_MS = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 30_000];
/** Pairs of decision and code; there are few, but nothing is unbounded. */
const SERIES_MAX = 200;

export function createCallMeter(gauges: readonly Gauge[]): CallMeter {
  const calls = new Map<string, number>();
  const buckets = BOUNDS_MS.map(() => 0);
  let [sumMs, count] = [0, 0];
  return {
    count({ policy, status_code: code, latency_ms: latencyMs }) {
      const labels = `policy="${policy}",code="${code}"`;
      if (calls.has(labels) || calls.size < SERIES_MAX) {
        calls.set(labels, (calls.get(labels) ?? 0) + 1);
      }
      for (const [index, bound] of BOUNDS_MS.entries()) {
        if (latencyMs <= bound) buckets[index]! += 1;
      }
      sumMs += latencyMs;
      count += 1;
    },

    text() {
      const name = 'signalbox_gateway_call_duration_seconds';
      const lines = [
        '# HELP signalbox_gateway_calls_total Tool calls by decision and code.',
        '# TYPE signalbox_gateway_calls_total counter',
        ...[...calls].map(([labels, value]) => `signalbox_gateway_calls_total{${labels}} ${value}`),
        `# HELP ${name} Time of calls without waiting for decisions.`,
        `# TYPE ${name} histogram`,
        ...BOUNDS_MS.map((bound, i) => `${name}_bucket{le="${bound / 1_000}"} ${buckets[i]}`),
        `${name}_bucket{le="+Inf"} ${count}`,
        `${name}_sum ${sumMs / 1_000}`,
        `${name}_count ${count}`,
        ...gauges.flatMap((gauge) => [
          `# HELP ${gauge.name} ${gauge.help}`,
          `# TYPE ${gauge.name} gauge`,
          `${gauge.name} ${gauge.value()}`,
        ]),
      ];
      return `${lines.join('\n')}\n`;
    },
  };
}
