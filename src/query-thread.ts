import { parentPort, workerData } from 'node:worker_threads';

import { createMetricAnswers, type MetricQuestion } from './api/metric-answers.ts';
import { systemClock } from './base/clock.ts';
import { AppError, messageOf } from './errors.ts';
import { createMetricQuery } from './query/metrics/metric-query.ts';
import type { Failure, FromThread, ToThread } from './query/question-messages.ts';
import { TOO_MUCH_MEMORY } from './query/question-messages.ts';
import type { EngineRead, EngineReading } from './storage/clickhouse/engine-remote.ts';
import { createRemoteEngine } from './storage/clickhouse/engine-remote.ts';
import { createMetricStore } from './storage/clickhouse/metric-store.ts';

/**
 * The composition root of a thread that answers questions in PromQL: parsing, reading what the engine says, evaluating
 * and writing the answer happen here, so that no question holds the main thread. The engine stays there.
 */

export interface QueryThreadData {
  readonly timeoutMs: number;
}

const port = parentPort!;
const send = (message: FromThread<EngineRead>, handedOver: ArrayBuffer[] = []): void =>
  port.postMessage(message, handedOver);

let reads = 0;
const reading = new Map<number, (outcome: EngineReading) => void>();
const engine = createRemoteEngine(
  (request) =>
    new Promise((resolve) => {
      const id = reads++;
      reading.set(id, resolve);
      send({ kind: 'request', id, request });
    }),
);
const { timeoutMs } = workerData as QueryThreadData;
const answers = createMetricAnswers(
  createMetricQuery({ store: createMetricStore(engine), clock: systemClock, timeoutMs }),
);

type Ask = Extract<ToThread<MetricQuestion, EngineReading>, { kind: 'ask' }>;

let current: { readonly id: number; readonly gone: AbortController } | undefined;

async function answer({ id, question, timeoutMs: leftMs }: Ask): Promise<void> {
  const gone = new AbortController();
  current = { id, gone };
  try {
    const body = await answers.answer(question, { timeoutMs: leftMs, signal: gone.signal });
    send({ kind: 'answer', id, body }, [body.buffer]);
  } catch (error) {
    send({ kind: 'failure', id, failure: failureOf(error) });
  }
}

function failureOf(error: unknown): Failure {
  // A text, a table or a buffer that would be larger than any may be.
  if (error instanceof RangeError) return { message: TOO_MUCH_MEMORY, code: 'QUERY_FAILED' };
  return { message: messageOf(error), code: error instanceof AppError ? error.code : undefined };
}

port.on('message', (message: ToThread<MetricQuestion, EngineReading>) => {
  if (message.kind === 'ask') void answer(message);
  else if (message.kind === 'reply') {
    reading.get(message.id)?.(message.reply);
    reading.delete(message.id);
  } else if (message.id === current?.id) {
    current.gone.abort();
    // What is still read comes to nobody.
    const nobody = { kind: 'error', code: 'QUERY_FAILED', message: 'query was canceled' } as const;
    for (const resolve of reading.values()) resolve(nobody);
    reading.clear();
  }
});
