import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { systemClock } from '../src/base/clock.ts';
import { createMetricQuery } from '../src/query/metrics/metric-query.ts';
import { clickhouseConfigSchema } from '../src/storage/clickhouse/config.ts';
import { openEmbeddedEngine } from '../src/storage/clickhouse/engine-embedded.ts';
import { createMetricStore } from '../src/storage/clickhouse/metric-store.ts';
import { migrate } from '../src/storage/clickhouse/migrate.ts';

/**
 * How long questions in PromQL take over a million points of one counter: of many streams, one point each 15 seconds,
 * beside as many of other metrics.
 */
const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '200' },
    points: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '5' },
  },
});
const streams = Number(values.streams);
const points = Number(values.points);
const EVERY_MS = 15_000;
const toMs = Math.floor(Date.now() / 60_000) * 60_000;
const fromMs = toMs - points * EVERY_MS;

const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-metrics-'));
const engine = await openEmbeddedEngine(
  join(directory, 'engine'),
  clickhouseConfigSchema.parse({}),
);
await migrate(engine);
for (const name of ['bench.requests', 'bench.others']) {
  await engine.command(`INSERT INTO metric_points
    (project, received, name, type, temporality, monotonic, start, time, value, stream_id, service, resource_id, scope_id,
      attributes, attribute_types)
    SELECT 'default', now(), '${name}', 'sum', 2, 1, toDateTime64(0, 9, 'UTC'),
      fromUnixTimestamp64Milli(toInt64(${fromMs} + intDiv(number, ${streams}) * ${EVERY_MS} + number % 997), 'UTC'),
      intDiv(number, ${streams}) * (1 + number % ${streams} % 7),
      unhex(leftPad(hex(number % ${streams}), 32, '0')), 'bench', unhex(leftPad('1', 32, '0')),
      unhex(leftPad('2', 32, '0')),
      map('http.route', concat('/r', toString(number % ${streams} % 20)), 'host', toString(number % ${streams}),
        'http.request.method', 'GET', 'server.address', 'bench.example', 'network.protocol.name', 'http'), 'sssss'
    FROM numbers(${streams * points})`);
}

const metrics = createMetricQuery({ store: createMetricStore(engine), clock: systemClock });
const questions: readonly (readonly [string, string])[] = [
  ['sum of rates by a label', 'sum by (http_route) (rate(bench_requests_total[5m]))'],
  ['rate of each series', 'rate(bench_requests_total[5m])'],
  ['the newest values, summed up', 'sum(bench_requests_total)'],
  ['a quantile of each over an hour', 'quantile_over_time(0.9, bench_requests_total[1h])'],
  ['one series of them', 'rate(bench_requests_total{host="7"}[5m])'],
];
console.log(
  `${streams * points} points of ${streams} series over ${(points * EVERY_MS) / 3.6e6} h`,
);
for (const [what, text] of questions) {
  const asked = { text, startMs: fromMs, endMs: toMs, stepMs: 300_000 };
  const rounds: { readonly byClock: number; readonly ofCpu: number }[] = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const used = process.cpuUsage();
    const began = performance.now();
    await metrics.range('default', asked);
    const { user, system } = process.cpuUsage(used);
    rounds.push({ byClock: performance.now() - began, ofCpu: (user + system) / 1000 });
  }
  // The first round warms the code and the engine's caches.
  const middle = (numbers: readonly number[]): string =>
    numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!.toFixed(0);
  const rest = rounds.slice(1);
  console.log(
    `${what}: ${middle(rest.map(({ byClock }) => byClock))} ms by the clock, ${middle(rest.map(({ ofCpu }) => ofCpu))} ms of processor time`,
  );
}
await engine.close();
rmSync(directory, { recursive: true, force: true });
