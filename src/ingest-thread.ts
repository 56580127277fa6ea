import { parentPort, workerData } from 'node:worker_threads';

import { systemClock } from './base/clock.ts';
import { RecentSet } from './base/recent-set.ts';
import { AppError, messageOf } from './errors.ts';
import { TelemetryColumns } from './model/telemetry-columns.ts';
import { COUNTED_RUNS, TelemetryDecoder } from './otlp/telemetry-decoder.ts';
import { DeadLetterStore, deadLetterDirectory } from './pipeline/dead-letter-store.ts';
import type {
  FromIngest,
  IngestCall,
  IngestFailure,
  IngestThreadData,
  ToIngest,
} from './pipeline/ingest-messages.ts';
import { Ingest } from './pipeline/ingest.ts';
import { Recovery } from './pipeline/recovery.ts';
import type { TelemetryReceipt } from './pipeline/telemetry-consumer.ts';
import { DIALECTS } from './semconv/dialects.ts';
import type { NatureRules } from './semconv/span-nature.ts';
import { encodeSegment } from './storage/clickhouse/encode-segment.ts';

/**
 * The composition root of the ingest thread: decompressing, decoding and logging telemetry happen here, so
 * that the main thread answers people whatever the load.
 */

const data = workerData as IngestThreadData;
const port = parentPort!;
let runRootNames = data.runRootNames;
const rules: NatureRules = {
  dialects: DIALECTS,
  get runRootNames() {
    return runRootNames;
  },
};

const countedRuns = new RecentSet(COUNTED_RUNS);
const ingest = new Ingest({
  directory: data.directory,
  config: data.config,
  clock: systemClock,
  runId: data.runId,
  createDecoder: () =>
    new TelemetryDecoder(new TelemetryColumns(), rules, countedRuns, data.config.noise),
  encode: encodeSegment,
  onSealed: (segment) => send({ kind: 'sealed', segment }),
});
const deadLetters = new DeadLetterStore(
  deadLetterDirectory(data.directory),
  data.config.deadLetterBytesMax,
);
const recovery = new Recovery(ingest, deadLetters, systemClock);

function send(message: FromIngest): void {
  port.postMessage(message);
}

async function redeliver(letterId: string): Promise<TelemetryReceipt | undefined> {
  const found = deadLetters.get(letterId);
  if (found === undefined) return undefined;
  const { signal, project, receivedAtMs } = found.letter;
  const receipt = await ingest.redeliver({ signal, project, receivedAtMs, body: found.body });
  deadLetters.remove(letterId);
  return receipt;
}

async function answer(call: IngestCall): Promise<unknown> {
  switch (call.method) {
    case 'consume':
      return ingest.consume(call.request);
    case 'recover':
      return recovery.recover();
    case 'replay':
      return recovery.replay(call.segmentId);
    case 'stored':
      return recovery.stored(call.segmentId);
    case 'takeApart':
      return recovery.takeApart(call.segmentId, call.refusal);
    case 'nextPiece':
      return recovery.nextPiece(call.segmentId);
    case 'pieceStored':
      return recovery.pieceStored(call.segmentId);
    case 'pieceRefused':
      return recovery.pieceRefused(call.segmentId, call.refusal);
    case 'redeliver':
      return redeliver(call.letterId);
    case 'setRunRootNames':
      runRootNames = call.names;
      return undefined;
    case 'drain':
      return ingest.drain();
  }
}

function toFailure(error: unknown): IngestFailure {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, retryAfterSeconds: error.retryAfterSeconds };
  }
  return { code: undefined, message: messageOf(error), retryAfterSeconds: undefined };
}

port.on('message', ({ id, call }: ToIngest) => {
  answer(call).then(
    (value) => send({ kind: 'result', id, value }),
    (error: unknown) => send({ kind: 'failure', id, failure: toFailure(error) }),
  );
});
