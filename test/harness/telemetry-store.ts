import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TelemetryColumns } from '../../src/model/telemetry-columns.ts';
import type { TouchedTraces } from '../../src/model/touched-traces.ts';
import { touchedTraces } from '../../src/model/touched-traces.ts';
import type { Signal } from '../../src/model/signal.ts';
import { TelemetryDecoder } from '../../src/otlp/telemetry-decoder.ts';
import { transcodeJson } from '../../src/otlp/transcode-json.ts';
import { writeBuffers } from '../../src/pipeline/write-buffers.ts';
import { DIALECTS } from '../../src/semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../../src/semconv/run-root.ts';
import { clickhouseConfigSchema } from '../../src/storage/clickhouse/config.ts';
import { encodeSegment } from '../../src/storage/clickhouse/encode-segment.ts';
import { openEmbeddedEngine } from '../../src/storage/clickhouse/engine-embedded.ts';
import type { Engine } from '../../src/storage/clickhouse/engine.ts';
import { migrate } from '../../src/storage/clickhouse/migrate.ts';
import { createSegmentWriter } from '../../src/storage/clickhouse/segment-writer.ts';
import { createTraceStore } from '../../src/storage/clickhouse/trace-store.ts';
import type { TraceStore } from '../../src/storage/trace-store.ts';

/** What is told of a segment that is stored. */
export interface StoredSegment {
  readonly id: string;
  readonly touched: readonly TouchedTraces[];
  /** What was inserted into `spans`; it stays until the store is closed. */
  readonly spansFile: string | undefined;
}

/** The real engine in a directory of its own. The engine allows a process one directory, so a test file opens one. */
export interface TestTelemetryStore {
  readonly engine: Engine;
  readonly store: TraceStore;
  readonly directory: string;
  /** Stores one segment: the requests, in OTLP/JSON, decoded and inserted as the server does it. */
  write(
    requests: readonly { project?: string; signal?: Signal; body: unknown }[],
    receivedAtMs?: number,
  ): Promise<void>;
  /** The same, and tells of the segment. */
  writeSegment(
    requests: readonly { project?: string; signal?: Signal; body: unknown }[],
    receivedAtMs?: number,
  ): Promise<StoredSegment>;
  /** Stores columns that the test filled. */
  writeColumns(columns: TelemetryColumns, receivedAtMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** 2026-11-20 12:00 UTC. */
export const RECEIVED_MS = Date.UTC(2026, 10, 20, 12);

export async function openTelemetryStore(): Promise<TestTelemetryStore> {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-store-'));
  const config = clickhouseConfigSchema.parse({ readers: 2 });
  const engine = await openEmbeddedEngine(join(directory, 'engine'), config);
  await migrate(engine);
  const writer = createSegmentWriter(engine);
  let segments = 0;
  const store = async (columns: TelemetryColumns, atMs = RECEIVED_MS): Promise<StoredSegment> => {
    const id = `test-${segments++}`;
    let spansFile: string | undefined;
    for (const { table, rows, chunks } of encodeSegment(columns, atMs)) {
      const path = join(directory, `${id}.${table}.native`);
      writeBuffers(path, chunks);
      await writer.writeTable(id, { table, path, rows });
      if (table === 'spans') spansFile = path;
      else rmSync(path);
    }
    return { id, touched: touchedTraces(columns.spans), spansFile };
  };
  const writeSegment: TestTelemetryStore['writeSegment'] = async (
    requests,
    receivedAtMs = RECEIVED_MS,
  ) => {
    const columns = new TelemetryColumns();
    const rules = { dialects: DIALECTS, runRootNames: RUN_ROOT_NAMES };
    const decoder = new TelemetryDecoder(columns, rules);
    for (const { project = 'default', signal = 'traces', body } of requests) {
      const bytes = transcodeJson(signal, Buffer.from(JSON.stringify(body)));
      const outcome = decoder.decode(signal, bytes, { project, receivedAtMs });
      if (outcome.rejected > 0) throw new Error(outcome.message);
    }
    return await store(columns, receivedAtMs);
  };
  return {
    engine,
    store: createTraceStore(engine),
    directory,
    writeSegment,
    async write(requests, receivedAtMs) {
      await writeSegment(requests, receivedAtMs);
    },
    async writeColumns(columns, receivedAtMs) {
      await store(columns, receivedAtMs);
    },
    async close() {
      await engine.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
