import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

import { percentile, runLoad } from './harness/load.ts';
import { startServerProcess } from './harness/server-process.ts';
import { measureFloor } from './harness/engine-floor.ts';
import { templatesOf } from './workload/templates.ts';

/**
 * How fast the whole server takes telemetry in, durably, with the load generator on the same machine; beside it
 * what the engine alone needs for the same rows as ready Native blocks.
 */
const { values } = parseArgs({
  options: {
    workload: { type: 'string', default: 'genai' },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '8' },
    gzip: { type: 'boolean', default: false },
    floor: { type: 'boolean', default: false },
  },
});

const templates = templatesOf(values.workload);
const server = await startServerProcess();
await delay(1_500);
const idleBefore = server.cpuSeconds();
await delay(3_000);
const idleShare = (server.cpuSeconds() - idleBefore) / 3;
const idleMemory = server.memory().now;
const cpuBefore = server.cpuSeconds();
const result = await runLoad({
  url: server.url,
  key: server.key,
  templates,
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  gzip: values.gzip,
});
const token = await server.token();
const stored = await untilStored(result.spans);
const cpu = server.cpuSeconds() - cpuBefore;
const peak = server.memory().peak;
const million = result.spans / 1e6;
console.log(
  JSON.stringify({
    workload: values.workload,
    gzip: values.gzip,
    spansPerSecond: Math.round(result.spans / result.seconds),
    megabytesPerSecond: round(result.bytes / result.seconds / 1e6),
    bytesPerSpanSent: Math.round(result.bytes / result.spans),
    cpuSecondsPerMillion: round(cpu / million),
    ackP50Ms: round(percentile(result.latenciesMs, 0.5)),
    ackP99Ms: round(percentile(result.latenciesMs, 0.99)),
    refused: result.refused,
    idleMemoryMb: round(idleMemory / 1e6),
    idleCpuShare: round(idleShare),
    peakMemoryMb: round(peak / 1e6),
    visibleAfterSeconds: round(stored),
    diskBytesPerSpan: round(diskBytes(`${server.dataDir}/engine/data`) / result.spans),
  }),
);
await server.stop();
if (values.floor)
  console.log(JSON.stringify(await measureFloor(templates, Math.min(result.spans, 2_000_000))));

/** Seconds until all acknowledged spans can be read. */
async function untilStored(spans: number): Promise<number> {
  const started = performance.now();
  for (;;) {
    const answer = await fetch(`${server.url}/api/v1/stats`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { data } = (await answer.json()) as { data: { spans: number } };
    if (data.spans === spans) return (performance.now() - started) / 1000;
    if (data.spans > spans)
      throw new Error(`${data.spans} spans are stored, ${spans} were acknowledged`);
    await delay(50);
  }
}

function diskBytes(directory: string): number {
  return Number(execFileSync('du', ['-sb', directory]).toString().split('\t')[0]);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
