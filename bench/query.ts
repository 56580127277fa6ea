import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { mulberry32 } from '../src/cli/demo/random.ts';
import { clickhouseConfigSchema } from '../src/storage/clickhouse/config.ts';
import { openEmbeddedEngine } from '../src/storage/clickhouse/engine-embedded.ts';
import { percentile, runLoad } from './harness/load.ts';
import { startServerProcess } from './harness/server-process.ts';
import { encodeGenAiRequest } from './workload/genai-workload.ts';
import { createTemplate, stampIds } from './workload/patch-ids.ts';
import { encodeTracegenRequest } from './workload/tracegen-workload.ts';

/**
 * How fast a store of many spans of tracegen's shape answers the questions that people ask, over HTTP, and what
 * a span takes on disk once merged.
 */
const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '10000000' },
    rounds: { type: 'string', default: '20' },
  },
});

const TEMPLATES = 400;
const LARGE_TRACE_SPANS = 50_000;
const LARGE_TRACE = 'ab'.repeat(16);
const wanted = Number(values.spans);
const rounds = Number(values.rounds);
const dayNs = 86_400_000_000_000n;
const startNs = BigInt(Date.now()) * 1_000_000n - 10n * dayNs;
// Ten days of traffic, as in Jaeger's own benchmark.
const templates = Array.from({ length: TEMPLATES }, (_, i) =>
  createTemplate(
    encodeTracegenRequest(i, 1000, startNs + (10n * dayNs * BigInt(i)) / BigInt(TEMPLATES)),
  ),
);
const dataDir = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-query-'));
const server = await startServerProcess({ dataDir });
const token = await server.token();
const load = { url: server.url, key: server.key, templates, connections: 8, gzip: false };
const filled = await runLoad({ ...load, seconds: 3600, requestsMax: Math.ceil(wanted / 1000) });
await sendLargeTrace();
await settled();

const random = mulberry32(7);
const newest = await get('/api/v1/traces?limit=100');
const traceIds = newest.data.map((trace) => trace.traceId);
const pick = (): number => Math.floor(random() * 1e9);
const results: Record<string, string> = {};
await measure('trace by id', () => `/api/v1/traces/${traceIds[pick() % traceIds.length]!}`);
await measure('newest traces', () => '/api/v1/traces?limit=20');
await measure('by service', () => `/api/v1/traces?limit=20&service=tracegen-0${pick() % 10}`);
await measure('by attribute', () => `/api/v1/traces?limit=20&attribute=${attribute()}`);
await measure('by duration', () => `/api/v1/traces?limit=20&min_duration_ms=0.12`);
await measure(
  'by service and attribute',
  () => `/api/v1/traces?limit=20&service=tracegen-0${pick() % 10}&attribute=${attribute()}`,
);
await measure('first page of a 50,000-span trace', () => `/api/v1/traces/${LARGE_TRACE}`);
await measure('agents', () => '/api/v1/agents?limit=100');
console.log(
  JSON.stringify(
    {
      spans: filled.spans,
      fillSpansPerSecond: Math.round(filled.spans / filled.seconds),
      ...results,
    },
    null,
    2,
  ),
);

const saturated: number[] = [];
const saturation = runLoad({ ...load, seconds: 20 }).then(() => 'over' as const);
do saturated.push(await timed('/api/v1/agents?limit=100'));
while ((await Promise.race([saturation, delay(25)])) !== 'over');
saturated.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    whileSaturated: 'GET /api/v1/agents',
    p50Ms: percentile(saturated, 0.5),
    p99Ms: percentile(saturated, 0.99),
    requests: saturated.length,
  }),
);
await server.stop();
console.log(JSON.stringify(await sizeOnDisk()));
rmSync(dataDir, { recursive: true, force: true });

/** Of the parts in use: those that merges have replaced stay on disk for some minutes. */
async function sizeOnDisk(): Promise<Record<string, unknown>> {
  const engine = await openEmbeddedEngine(
    join(dataDir, 'engine'),
    clickhouseConfigSchema.parse({}),
  );
  const [row] = await engine.query<Record<string, unknown>>(
    `SELECT round(sum(bytes_on_disk) / sum(rows), 1) AS bytesPerSpan,
       round(sum(data_compressed_bytes) / sum(rows), 1) AS ofData,
       round(sum(secondary_indices_compressed_bytes) / sum(rows), 1) AS ofIndexes, count() AS parts
     FROM system.parts WHERE active AND table = 'spans'`,
  );
  await engine.close();
  return row!;
}

function attribute(): string {
  return encodeURIComponent(
    `attr_${String(pick() % 97).padStart(2, '0')}=val_${String(pick() % 1000).padStart(3, '0')}`,
  );
}

async function measure(name: string, path: () => string): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await timed(path()));
  times.sort((a, b) => a - b);
  results[name] =
    `p50 ${times[Math.floor(rounds / 2)]!.toFixed(1)} ms, max ${times.at(-1)!.toFixed(1)} ms`;
}

async function timed(path: string): Promise<number> {
  const started = performance.now();
  await get(path);
  return performance.now() - started;
}

async function get(path: string): Promise<{ data: { traceId: string }[] }> {
  const answer = await fetch(`${server.url}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { data: { traceId: string }[] };
}

/** One trace of many spans, in requests of a thousand. */
async function sendLargeTrace(): Promise<void> {
  for (let i = 0; i < LARGE_TRACE_SPANS / 1000; i++) {
    const template = createTemplate(
      encodeGenAiRequest(9_000 + i, 1000, BigInt(Date.now()) * 1_000_000n),
    );
    const body = stampIds(template, 5_000_000 + i);
    for (const at of template.traceIdOffsets) Buffer.from(LARGE_TRACE, 'hex').copy(body, at);
    const answer = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', authorization: `Bearer ${server.key}` },
      body: new Uint8Array(body),
    });
    if (answer.status !== 200) throw new Error(`cannot send the large trace: ${answer.status}`);
  }
}

/** Waits until everything is stored and merges have come to rest. */
async function settled(): Promise<void> {
  let before = -1;
  for (;;) {
    const bytes = diskBytes();
    if (bytes === before) return;
    before = bytes;
    await delay(10_000);
  }
}

function diskBytes(): number {
  return Number(
    execFileSync('du', ['-sb', `${server.dataDir}/engine/data`])
      .toString()
      .split('\t')[0],
  );
}
