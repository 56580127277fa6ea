import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { TraceAnalysis } from '../src/analysis/runs/analyze-traces.ts';
import { HeldSegments } from '../src/analysis/runs/held-segments.ts';
import { rebuildRuns } from '../src/analysis/runs/rebuild-runs.ts';
import { TelemetryColumns } from '../src/model/telemetry-columns.ts';
import { touchedTraces, unpackTouched } from '../src/model/touched-traces.ts';
import { TelemetryDecoder } from '../src/otlp/telemetry-decoder.ts';
import { writeBuffers } from '../src/pipeline/write-buffers.ts';
import { CONTENT_ATTRIBUTES } from '../src/semconv/content-keys.ts';
import { DIALECTS } from '../src/semconv/dialects.ts';
import { priceCall } from '../src/semconv/price-call.ts';
import { createPriceLibrary } from '../src/semconv/price-library.ts';
import { RUN_ROOT_NAMES } from '../src/semconv/run-root.ts';
import { clickhouseConfigSchema } from '../src/storage/clickhouse/config.ts';
import { encodeSegment } from '../src/storage/clickhouse/encode-segment.ts';
import { openEmbeddedEngine } from '../src/storage/clickhouse/engine-embedded.ts';
import { migrate } from '../src/storage/clickhouse/migrate.ts';
import { createRunStore } from '../src/storage/clickhouse/run-store.ts';
import { createSegmentWriter } from '../src/storage/clickhouse/segment-writer.ts';
import { encodeGenAiRequest } from './workload/genai-workload.ts';
import { encodeLargeTrace } from './workload/large-trace.ts';
import { createTemplate, stampIds } from './workload/patch-ids.ts';

/**
 * What the analysis of runs costs beside taking the same spans in (decoding, encoding, inserting, without HTTP and the
 * write-ahead log), how fast all is computed anew, and how long the questions of a dashboard take. One process, so that
 * its CPU time tells the parts apart.
 */
const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '10' },
    trace: { type: 'string', default: '100000' },
  },
});
const REQUEST_SPANS = 1_000;
const SEGMENT_REQUESTS = 30;
const DAY_MS = 86_400_000;

const requests = Math.ceil(Number(values.spans) / REQUEST_SPANS);
const rangeMs = Number(values.days) * DAY_MS;
const nowMs = Date.now();
const fromMs = nowMs - rangeMs;
const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-analysis-'));
const engine = await openEmbeddedEngine(
  join(directory, 'engine'),
  clickhouseConfigSchema.parse({}),
);
await migrate(engine);
const clock = { now: () => Date.now() };
const store = createRunStore({ engine, directory: join(directory, 'blocks'), clock });
const writer = createSegmentWriter(engine);
const findPrices = createPriceLibrary();
const held = new HeldSegments();
const analysis = new TraceAnalysis({
  store,
  clock,
  price: (usage) => priceCall(usage, findPrices),
  abandonAfterMs: 1_800_000,
  traceSpansMax: 150_000,
  wantsDetails: () => true,
  inMemory: (project, { traceId, segments }) =>
    segments && held.spansOf(project, traceId, segments),
});
const columns = new TelemetryColumns();
const decoder = new TelemetryDecoder(columns, { dialects: DIALECTS, runRootNames: RUN_ROOT_NAMES });

let ingestCpu = 0;
let analysisCpu = 0;
let analysisSeconds = 0;
for (let sent = 0; sent < requests; sent += SEGMENT_REQUESTS) {
  const atMs = fromMs + (rangeMs * sent) / requests;
  const template = createTemplate(
    encodeGenAiRequest(sent, REQUEST_SPANS, BigInt(Math.floor(atMs)) * 1_000_000n),
  );
  const bodies = Array.from({ length: SEGMENT_REQUESTS }, (_, index) =>
    stampIds(template, sent + index + 1),
  );
  let cpu = process.cpuUsage();
  for (const body of bodies)
    decoder.decode('traces', body, { project: 'default', receivedAtMs: atMs });
  const touched = touchedTraces(columns.spans);
  const spansFile = await insert(`bench-${sent}`, atMs);
  decoder.reset();
  ingestCpu += cpuMs(cpu);
  cpu = process.cpuUsage();
  const started = performance.now();
  held.add(`${sent}`, await store.holdSpans(spansFile, CONTENT_ATTRIBUTES), atMs);
  for (const { project, packed } of touched) {
    const tasks = unpackTouched(packed).map(({ traceId, startMinMs, endMaxMs, spans }) => ({
      traceId,
      spans,
      starts: { fromMs: startMinMs, toMs: endMaxMs },
      isNew: true,
      isWhole: true,
      segments: [`${sent}`],
    }));
    await analysis.analyze(project, tasks);
  }
  analysisSeconds += (performance.now() - started) / 1000;
  analysisCpu += cpuMs(cpu);
  cpu = process.cpuUsage();
  rmSync(spansFile);
  ingestCpu += cpuMs(cpu);
}
const spans = Math.ceil(requests / SEGMENT_REQUESTS) * SEGMENT_REQUESTS * REQUEST_SPANS;
console.log(
  JSON.stringify({
    spans,
    ingestCpuPerMillion: perMillion(ingestCpu),
    analysisCpuPerMillion: perMillion(analysisCpu),
    ratio: round(analysisCpu / ingestCpu),
    analyzedSpansPerSecond: Math.round(spans / analysisSeconds),
    analyzedRunsPerMinute: Math.round((spans / 10 / analysisSeconds) * 60),
  }),
);

const questions: Record<string, () => Promise<unknown>> = {
  'newest runs': () => runs({}, 'start'),
  'runs of an agent': () => runs({ agent: 'agent-3' }, 'start'),
  'failed runs': () => runs({ status: 'error' }, 'start'),
  'dearest runs': () => runs({ fromMs }, 'cost'),
  'runs by agent': () => store.countRunsByAgent('default', fromMs),
  'cost by agent and day': () =>
    engine.query(`SELECT agent, toDate(start) AS day, sum(cost * sign) AS cost, sum(input_tokens * sign) AS input
      FROM model_calls WHERE project = 'default' GROUP BY agent, day ORDER BY day, agent`),
};
const times: Record<string, string> = {};
for (const [name, ask] of Object.entries(questions)) {
  const taken: number[] = [];
  for (let turn = 0; turn < Number(values.rounds); turn++) {
    const started = performance.now();
    await ask();
    taken.push(performance.now() - started);
  }
  taken.sort((one, other) => one - other);
  times[name] =
    `p50 ${round(taken[Math.floor(taken.length / 2)]!)} ms, max ${round(taken.at(-1)!)} ms`;
}
console.log(JSON.stringify(times, null, 2));

await analyzeLargeTrace(Number(values.trace));

await engine.command('TRUNCATE TABLE runs');
await engine.command('TRUNCATE TABLE model_calls');
const cpu = process.cpuUsage();
const started = performance.now();
await rebuildRuns(
  {
    store,
    analyzer: {
      analyze: async (project, tasks, options) =>
        (await analysis.analyze(project, tasks, options)).traces,
    },
  },
  'default',
  { fromMs, toMs: nowMs + DAY_MS, reprice: false },
  { signal: new AbortController().signal, report: () => undefined },
);
const seconds = (performance.now() - started) / 1000;
console.log(
  JSON.stringify({
    rebuiltSpansPerSecond: Math.round(spans / seconds),
    rebuildCpuPerMillion: perMillion(cpuMs(cpu)),
    peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
);
await engine.close();
rmSync(directory, { recursive: true, force: true });

/** Stores what is in the columns; where the spans' file is, which stays. */
async function insert(segmentId: string, receivedAtMs: number): Promise<string> {
  let spansFile = '';
  for (const { table, rows, chunks } of encodeSegment(columns, receivedAtMs)) {
    const path = join(directory, `${segmentId}.${table}.native`);
    writeBuffers(path, chunks);
    await writer.writeTable(segmentId, { table, path, rows });
    if (table === 'spans') spansFile = path;
    else rmSync(path);
  }
  return spansFile;
}

/** One trace, first as it comes and then once more from the store: how long others wait for this thread meanwhile. */
async function analyzeLargeTrace(spanCount: number): Promise<void> {
  const traceId = 'cd'.repeat(16);
  const startNs = BigInt(nowMs) * 1_000_000n;
  for (const body of encodeLargeTrace({ traceId, spanCount, startNs })) {
    decoder.decode('traces', body, { project: 'default', receivedAtMs: nowMs });
  }
  const [touched] = touchedTraces(columns.spans);
  const file = await insert('large', nowMs);
  decoder.reset();
  held.add('large', await store.holdSpans(file, CONTENT_ATTRIBUTES), Date.now());
  rmSync(file);
  const [trace] = unpackTouched(touched!.packed);
  const starts = { fromMs: trace!.startMinMs, toMs: trace!.endMaxMs };
  const task = { traceId, spans: spanCount, starts, isWhole: true };
  const waits: Record<string, string> = {};
  for (const [name, tasks] of [
    ['as it comes', [{ ...task, isNew: true, segments: ['large'] }]],
    ['once more, from the store', [{ ...task, isNew: false }]],
  ] as const) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const beganAt = performance.now();
    await analysis.analyze('default', tasks);
    delay.disable();
    const took = Math.round(performance.now() - beganAt);
    const [p99, max] = [delay.percentile(99), delay.max].map((ns) => Math.round(ns / 1e6));
    waits[name] = `${took} ms, others wait p99 ${p99} ms, max ${max} ms`;
  }
  console.log(JSON.stringify({ spansOfOneTrace: spanCount, ...waits }));
}

async function runs(
  filter: Parameters<typeof store.findRuns>[1]['filter'],
  sort: 'start' | 'cost',
) {
  return await store.findRuns('default', { filter, sort, after: undefined, limit: 50 });
}

function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** CPU seconds per million spans. */
function perMillion(ms: number): number {
  return round(ms / 1000 / (spans / 1e6));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
