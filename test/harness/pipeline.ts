import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { AgentSighting } from '../../src/model/agent.ts';
import { TelemetryColumns } from '../../src/model/telemetry-columns.ts';
import { TelemetryDecoder } from '../../src/otlp/telemetry-decoder.ts';
import { transcodeJson } from '../../src/otlp/transcode-json.ts';
import type { PipelineConfig } from '../../src/pipeline/config.ts';
import { pipelineConfigSchema } from '../../src/pipeline/config.ts';
import { DeadLetterStore, deadLetterDirectory } from '../../src/pipeline/dead-letter-store.ts';
import type { EncodedTable } from '../../src/pipeline/ingest.ts';
import { Ingest } from '../../src/pipeline/ingest.ts';
import { Recovery } from '../../src/pipeline/recovery.ts';
import { replayLogs } from '../../src/pipeline/replay-logs.ts';
import type { SealedTable, SegmentWriter } from '../../src/pipeline/sealed-segment.ts';
import { SegmentInserter } from '../../src/pipeline/segment-inserter.ts';
import type { TelemetryReceipt, TelemetryRequest } from '../../src/pipeline/telemetry-consumer.ts';
import { DIALECTS } from '../../src/semconv/dialects.ts';
import { strings } from '../fixtures/otlp/plain-columns.ts';

export const NOON_MS = Date.UTC(2026, 10, 20, 12);

/** An export request with a span per id; each span has its id as its only attribute. */
export function requestOf(
  ids: readonly string[],
  rest: Partial<Omit<TelemetryRequest, 'body'>> = {},
): TelemetryRequest {
  const spans = ids.map((id, index) => ({
    // Each request is of traces of its own, and the same request of the same.
    traceId: hash('sha256', `${ids.join(' ')} ${index}`).slice(0, 32),
    // An id that begins with a minus makes a span that is rejected.
    spanId: id.startsWith('-') ? '' : (index + 1).toString(16).padStart(16, 'b'),
    name: 'invoke_agent',
    attributes: [{ key: 'agent.name', value: { stringValue: id } }],
  }));
  const json = Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const body = rest.encoding === 'json' ? json : transcodeJson('traces', json);
  return {
    signal: 'traces',
    encoding: 'protobuf',
    compression: 'none',
    project: 'default',
    receivedAtMs: NOON_MS,
    ...rest,
    body: new Uint8Array(body).buffer,
  };
}

/** What the store is told to do with an insert: nothing, or to fail before or after it took the rows. */
export type Fault = (insert: {
  readonly token: string;
  readonly ids: readonly string[];
}) => { readonly before?: Error; readonly after?: Error } | undefined;

/** A store in memory that keeps the contract: the last insert of a table is recognised when it is repeated. */
export class MemoryStore implements SegmentWriter {
  readonly ids: string[] = [];
  readonly tokens: string[] = [];
  fault: Fault = () => undefined;
  #last: string | undefined;

  async writeTable(token: string, { path }: SealedTable): Promise<void> {
    const ids = readFileSync(path, 'utf8').split('\n').slice(1);
    const fault = this.fault({ token, ids });
    if (fault?.before !== undefined) throw fault.before;
    if (this.#last !== token) {
      this.#last = token;
      this.tokens.push(token);
      this.ids.push(...ids);
    }
    if (fault?.after !== undefined) throw fault.after;
  }
}

/** The pipeline in one thread, over a real directory and a store in memory. */
export interface TestPipeline {
  readonly directory: string;
  readonly store: MemoryStore;
  readonly ingest: Ingest;
  readonly recovery: Recovery;
  readonly letters: DeadLetterStore;
  readonly problems: string[];
  /** What was told of each stored segment. */
  readonly told: { readonly id: string; readonly sightings: readonly AgentSighting[] }[];
  onStored: () => Promise<void>;
  consume(ids: readonly string[], rest?: Partial<TelemetryRequest>): Promise<TelemetryReceipt>;
  redeliver(letterId: string): Promise<TelemetryReceipt>;
  /** Returns once all that was accepted is stored. */
  settled(): Promise<void>;
  /** Files that are left, by folder. */
  files(): { wal: string[]; segments: string[] };
  /** As after `kill -9` and a start; the store keeps what it has. */
  restart(): Promise<TestPipeline>;
  dispose(): void;
}

export interface PipelineOptions {
  readonly config?: Partial<PipelineConfig>;
  /** In place of the rows' ids, a line each. */
  readonly encode?: (ids: readonly string[], receivedAtMs: number) => readonly EncodedTable[];
}

interface Carried {
  readonly directory: string;
  readonly store: MemoryStore;
  readonly run: number;
}

export async function startPipeline(options: PipelineOptions = {}): Promise<TestPipeline> {
  const directory = mkdtempSync(join(tmpdir(), 'signalbox-pipeline-'));
  return await start(options, { directory, store: new MemoryStore(), run: 1 });
}

function encodeIds(ids: readonly string[], receivedAtMs: number): EncodedTable[] {
  const chunk = Buffer.from([receivedAtMs, ...ids].join('\n'));
  return [{ table: 'spans', rows: ids.length, chunks: [chunk] }];
}

async function start(options: PipelineOptions, carried: Carried): Promise<TestPipeline> {
  const { directory, store, run } = carried;
  const { encode = encodeIds } = options;
  // Old enough never: a test closes its segments itself.
  const config = pipelineConfigSchema.parse({ segmentAgeMaxMs: 60_000, ...options.config });
  const clock = { now: () => NOON_MS + run };
  const inserting = new AbortController();
  const ingest: Ingest = new Ingest({
    directory,
    config,
    clock,
    runId: `run-${run}`,
    createDecoder: () =>
      new TelemetryDecoder(new TelemetryColumns(), {
        dialects: DIALECTS,
        runRootNames: ['invoke_agent'],
      }),
    encode: (columns, receivedAtMs) =>
      encode(strings(columns.spans.attributes.values), receivedAtMs),
    onSealed: (segment) => void inserter.insert(segment),
  });
  const letters = new DeadLetterStore(deadLetterDirectory(directory), config.deadLetterBytesMax);
  const recovery = new Recovery(ingest, letters, clock);
  const problems: string[] = [];
  const told: TestPipeline['told'] = [];
  const inserter = new SegmentInserter({
    writer: store,
    source: {
      stored: async (id) => recovery.stored(id),
      takeApart: async (id, refusal) => recovery.takeApart(id, refusal),
      nextPiece: async (id) => recovery.nextPiece(id),
      pieceStored: async (id) => recovery.pieceStored(id),
      pieceRefused: async (id, refusal) => recovery.pieceRefused(id, refusal),
    },
    onStored: async ({ id, sightings }) => {
      await pipeline.onStored();
      told.push({ id, sightings });
    },
    onProblem: (message) => problems.push(message),
    retryMs: 1,
  });
  const pipeline: TestPipeline = {
    directory,
    store,
    ingest,
    recovery,
    letters,
    problems,
    told,
    onStored: async () => undefined,
    consume: (ids, rest) => ingest.consume(requestOf(ids, rest)),
    redeliver: async (letterId) => {
      const { letter, body } = letters.get(letterId)!;
      const receipt = await ingest.redeliver({ ...letter, body });
      letters.remove(letterId);
      return receipt;
    },
    async settled() {
      await ingest.drain();
      await inserter.settled();
    },
    files: () => ({
      wal: readdirSync(join(directory, 'wal')).sort(),
      segments: readdirSync(join(directory, 'segments')).sort(),
    }),
    restart() {
      inserting.abort();
      inserter.abandon();
      return start(options, { ...carried, run: run + 1 });
    },
    dispose: () => {
      inserter.abandon();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await replayLogs({
    ids: recovery.recover(),
    replay: async (id) => recovery.replay(id),
    insert: (segment) => inserter.insert(segment),
    onProblem: (message) => problems.push(message),
    signal: inserting.signal,
    retryMs: 1,
  });
  return pipeline;
}
