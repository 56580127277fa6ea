import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TelemetryColumns } from '../../src/model/telemetry-columns.ts';
import { TelemetryDecoder } from '../../src/otlp/telemetry-decoder.ts';
import { DIALECTS } from '../../src/semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../../src/semconv/run-root.ts';
import { clickhouseConfigSchema } from '../../src/storage/clickhouse/config.ts';
import { encodeSegment } from '../../src/storage/clickhouse/encode-segment.ts';
import { openEmbeddedEngine } from '../../src/storage/clickhouse/engine-embedded.ts';
import { migrate } from '../../src/storage/clickhouse/migrate.ts';
import type { Template } from '../workload/patch-ids.ts';
import { stampIds } from '../workload/patch-ids.ts';

const REQUESTS_PER_SEGMENT = 32;

/** What the engine alone needs for the same rows: Native blocks that are ready in files, inserted one after the other. */
export async function measureFloor(
  templates: readonly Template[],
  spans: number,
): Promise<{
  floorCpuSecondsPerMillion: number;
  floorRowsPerSecond: number;
  decodeEncodeCpuSecondsPerMillion: number;
}> {
  const directory = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'signalbox-floor-'));
  const engine = await openEmbeddedEngine(directory, clickhouseConfigSchema.parse({}));
  await migrate(engine);
  const decoder = new TelemetryDecoder(new TelemetryColumns(), {
    dialects: DIALECTS,
    runRootNames: RUN_ROOT_NAMES,
  });
  let stamp = 1_000_000;
  let inserted = 0;
  let insertCpu = 0;
  let insertSeconds = 0;
  let ownCpu = 0;
  for (let segment = 0; inserted < spans; segment++) {
    const bodies = Array.from({ length: REQUESTS_PER_SEGMENT }, (_, i) =>
      stampIds(templates[i % templates.length]!, stamp++),
    );
    const ownBefore = process.cpuUsage();
    for (const body of bodies)
      decoder.decode('traces', body, { project: 'default', receivedAtMs: Date.now() });
    const files = encodeSegment(decoder.columns, Date.now()).map(({ table, rows, chunks }) => {
      const path = join(directory, `${table}.native`);
      writeFileSync(path, Buffer.concat(chunks));
      return { table, rows, path };
    });
    ownCpu += seconds(process.cpuUsage(ownBefore));
    const before = process.cpuUsage();
    const started = performance.now();
    for (const { table, path } of files)
      await engine.insertNative(table, path, `${segment}/${table}`);
    insertCpu += seconds(process.cpuUsage(before));
    insertSeconds += (performance.now() - started) / 1000;
    inserted += files.find(({ table }) => table === 'spans')!.rows;
    decoder.reset();
  }
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
  return {
    floorCpuSecondsPerMillion: round(insertCpu / (inserted / 1e6)),
    floorRowsPerSecond: Math.round(inserted / insertSeconds),
    decodeEncodeCpuSecondsPerMillion: round(ownCpu / (inserted / 1e6)),
  };
}

function seconds(usage: NodeJS.CpuUsage): number {
  return (usage.user + usage.system) / 1e6;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
