import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { mulberry32 } from '../src/cli/demo/random.ts';
import { clickhouseConfigSchema } from '../src/storage/clickhouse/config.ts';
import { openEmbeddedEngine } from '../src/storage/clickhouse/engine-embedded.ts';
import { createLogStore } from '../src/storage/clickhouse/log-store.ts';
import { migrate } from '../src/storage/clickhouse/migrate.ts';
import type { LogCondition } from '../src/storage/log-store.ts';

/** How fast a store of many log records, ten days of ten services, answers what the page of logs asks. */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '15' },
  },
});

const PART = 500_000;
const DAYS = 10;
const wanted = Number(values.records);
const rounds = Number(values.rounds);
const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-logs-'));
const engine = await openEmbeddedEngine(directory, clickhouseConfigSchema.parse({}));
await migrate(engine);
const started = performance.now();
for (let from = 0; from < wanted; from += PART) await engine.command(records(from));
const filledSeconds = (performance.now() - started) / 1000;

const store = createLogStore(engine);
const random = mulberry32(7);
const pick = (most: number): number => Math.floor(random() * most);
const ALWAYS = { fromNs: undefined, toNs: undefined };
const results: Record<string, string> = {};
const newest = (...conditions: LogCondition[]) =>
  store.findLogs('default', {
    range: ALWAYS,
    conditions,
    order: 'newest',
    after: undefined,
    limit: 100,
  });
const text = (value: string): LogCondition => ({ kind: 'text', value });
await measure('newest 100', () => newest());
await measure('newest 100 of a service', () =>
  newest({ kind: 'service', value: `service-${pick(10)}` }),
);
await measure('newest 100 errors', () => newest({ kind: 'level', values: ['error', 'fatal'] }));
await measure('by a word that many have', () => newest(text('invoices')));
await measure('by a word that few have', () => newest(text(`customer ${pick(1e5)} `)));
await measure('by a part of a word that none has', () => newest(text('zzzzzz')));
await measure('by an attribute', () =>
  newest({ kind: 'attribute', key: 'shard', operator: 'equals', value: String(pick(5_000)) }),
);
const day = await dayRange();
await measure('histogram of a day', () =>
  store.countOverTime('default', { range: day, conditions: [], stepSeconds: 1_800 }),
);
await measure('facets of a day', () =>
  store.listFacets('default', { range: day, conditions: [] }, 12),
);
const [size] = await engine.query<Record<string, unknown>>(
  `SELECT round(sum(bytes_on_disk) / sum(rows), 1) AS bytesPerRecord,
     round(sum(secondary_indices_compressed_bytes) / sum(rows), 1) AS ofIndexes, count() AS parts
   FROM system.parts WHERE active AND table = 'log_records'`,
);
console.log(
  JSON.stringify(
    { fillPerSecond: Math.round(wanted / filledSeconds), ...results, ...size },
    null,
    2,
  ),
);
await engine.close();
rmSync(directory, { recursive: true, force: true });

/** Bodies as web services write them: words that recur, and numbers and ids that do not. */
function records(from: number): string {
  const secondsEach = (DAYS * 86_400) / wanted;
  return `INSERT INTO log_records (project, received, time, service, agent, severity_number, severity_text,
      body, body_type, attributes, attribute_types)
    SELECT 'default', time, time, concat('service-', toString(cityHash64(n, 1) % 10)) AS service, service,
      if(n % 200 = 0, 17, if(n % 50 = 0, 13, 9)) AS severity, if(severity = 17, 'ERROR', if(severity = 13, 'WARN', 'INFO')),
      concat('request ', hex(cityHash64(n, 2)), ' to /api/',
        ['orders', 'invoices', 'users', 'search', 'payments', 'mail'][1 + cityHash64(n, 3) % 6], ' took ',
        toString(cityHash64(n, 4) % 5000), ' ms for customer ', toString(cityHash64(n, 5) % 100000), ' '),
      's', map('shard', toString(cityHash64(n, 6) % 5000), 'http.response.status_code', '200'), 'si'
    FROM (SELECT number + ${from} AS n, now64(9) - toIntervalMillisecond(toInt64((${wanted} - n) * ${secondsEach * 1000})) AS time
      FROM numbers(${Math.min(PART, wanted - from)})) SETTINGS max_partitions_per_insert_block = 100`;
}

async function dayRange() {
  const [row] = await engine.query<{ newest: string }>(
    'SELECT toUnixTimestamp64Nano(max(time)) AS newest FROM log_records',
  );
  return { fromNs: BigInt(row!.newest) - 86_400_000_000_000n, toNs: undefined };
}

async function measure(name: string, ask: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  // The engine runs in this process: what it computes is told apart from what it waits for on a busy machine.
  const used = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    await ask();
    times.push(performance.now() - begun);
  }
  const { user, system } = process.cpuUsage(used);
  times.sort((a, b) => a - b);
  results[name] =
    `p50 ${times[Math.floor(rounds / 2)]!.toFixed(1)} ms, max ${times.at(-1)!.toFixed(1)} ms, CPU ${((user + system) / 1000 / rounds).toFixed(1)} ms`;
}
