import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { FastifyBaseLogger } from 'fastify';

import type { Registry } from './analysis/registry.ts';
import type { DeadLetterBox } from './api/dead-letters.ts';
import type { Broadcast } from './base/broadcast.ts';
import { systemClock } from './base/clock.ts';
import type { Config } from './config.ts';
import { messageOf } from './errors.ts';
import type { Change } from './model/change.ts';
import type { SpanBatch } from './model/outgoing-telemetry.ts';
import { writeTraces } from './otlp/write-traces.ts';
import { DeadLetterStore, deadLetterDirectory } from './pipeline/dead-letter-store.ts';
import { IngestClient } from './pipeline/ingest-client.ts';
import { replayLogs } from './pipeline/replay-logs.ts';
import { fileOf } from './pipeline/sealed-segment.ts';
import { SegmentInserter } from './pipeline/segment-inserter.ts';
import type { Engine } from './storage/clickhouse/engine.ts';
import { createSegmentWriter } from './storage/clickhouse/segment-writer.ts';
import type { Analysis } from './main-analysis.ts';

/** How long telemetry may take to reach the store at shutdown; what is left then is replayed at the next start. */
const DRAIN_MS = 6_000;
/** How long an insert under way at shutdown may take before the engine is left to itself. */
export const LAST_INSERT_MS = 1_500;
/** How long what a former run left may keep the server from serving; what is left then is stored beside new telemetry. */
const REPLAY_WAIT_MS = 10_000;

export function startIngest(
  config: Config,
  parts: {
    engine: Engine;
    registry: Registry;
    analysis: Analysis;
    log: FastifyBaseLogger;
    names: readonly string[];
    changes: Broadcast<Change>;
  },
): { ingest: IngestClient; inserter: SegmentInserter; deadLetters: DeadLetterStore } {
  const { registry, analysis, log } = parts;
  const directory = join(config.dataDir, 'telemetry');
  const ingest: IngestClient = new IngestClient({
    entry: new URL('./ingest-thread.js', import.meta.url),
    data: {
      directory,
      config: config.pipeline,
      runId: `${String(systemClock.now()).padStart(15, '0')}-${randomBytes(4).toString('hex')}`,
      runRootNames: parts.names,
    },
    onSealed: (segment) => void inserter.insert(segment),
    onCrash: (error) => {
      // What was acknowledged is in the log; the next start stores it.
      log.fatal(`the ingest thread failed, stopping: ${messageOf(error)}`);
      process.exit(1);
    },
  });
  const inserter = new SegmentInserter({
    writer: createSegmentWriter(parts.engine),
    source: ingest,
    onStored: async (segment) => {
      await registry.ensure(segment.sightings);
      await analysis.runs.touch(segment.id, segment.touched, fileOf(segment, 'spans'));
      analysis.evaluations.wake();
      for (const project of new Set(segment.sightings.map((sighting) => sighting.project))) {
        parts.changes.publish({ project, topic: 'traces' });
        parts.changes.publish({ project, topic: 'agents' });
      }
    },
    onProblem: (message) => log.warn(message),
  });
  const deadLetters = new DeadLetterStore(
    deadLetterDirectory(directory),
    config.pipeline.deadLetterBytesMax,
  );
  return { ingest, inserter, deadLetters };
}

/** Takes in telemetry that Signalbox makes itself, as if it had been sent. */
export async function takeOwn(
  { ingest, registry }: { ingest: IngestClient; registry: Registry },
  project: string,
  batch: SpanBatch,
): Promise<void> {
  const body = new TextEncoder().encode(writeTraces([batch])).buffer;
  const receivedAtMs = systemClock.now();
  const form = { signal: 'traces', encoding: 'json', compression: 'none' } as const;
  const { sightings } = await ingest.consume({ ...form, project, receivedAtMs, body });
  await registry.observe(sightings);
}

/** Stores what a former run left; what takes long is stored beside new telemetry. */
export async function startReplay(
  ingest: IngestClient,
  inserter: SegmentInserter,
  log: FastifyBaseLogger,
): Promise<AbortController> {
  const stop = new AbortController();
  const replayed = replayLogs({
    ids: await ingest.recover(),
    replay: (id) => ingest.replay(id),
    insert: (segment) => inserter.insert(segment),
    onProblem: (message) => log.warn(message),
    signal: stop.signal,
  });
  await withinMs(replayed, REPLAY_WAIT_MS);
  return stop;
}

/** Stores what was accepted, if it can be done in time; whether the engine is idle then. */
export async function stopIngest(
  ingest: IngestClient,
  inserter: SegmentInserter,
): Promise<boolean> {
  const drained = ingest.drain().then(() => inserter.settled());
  await withinMs(drained, DRAIN_MS);
  inserter.abandon();
  const idle = await withinMs(inserter.settled(), LAST_INSERT_MS);
  await ingest.shutdown();
  return idle;
}

export function deadLetterBox(letters: DeadLetterStore, ingest: IngestClient): DeadLetterBox {
  return {
    list: async () => letters.list(),
    retry: async (id) => (await ingest.redeliver(id)) !== undefined,
    remove: async (id) => letters.remove(id),
  };
}

/** Waits for the work, but not longer; whether it was done in time. */
export async function withinMs(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const late = delay(timeoutMs, false, { ref: false });
  return Promise.race([work.then(() => true), late]);
}
