import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startServer } from '../../harness/server.ts';
import type { TestServer } from '../../harness/server.ts';
import { encodeRequest } from './numbered-request.ts';
import type { NumberedRequest } from './numbered-request.ts';
import { createLedger } from './sender.ts';
import type { Ledger } from './sender.ts';
import { compare, countLogs, NO_DISCREPANCY, readStoredItems } from './stored-items.ts';

const MIB = 1024 * 1024;
/**
 * The load goes on in three parts, of which the first warms up. A part lasts until it has gone on for so long and so many
 * requests were answered: on a busy machine seconds alone say little of what was done in them.
 */
const PART_MS = 5_000;
const PART_ANSWERS = 200;
const PART_MAX_MS = 50_000;
/** What is answered in one part holds twice and more of it, were it kept. */
const GROWTH_MAX_BYTES = 80 * MIB;
/** Engine and heap included; the requests that the senders hold out are as much as may be under way in all. */
const RESIDENT_MAX_BYTES = 1024 * MIB;
const HTTP_LANES = 40;
const GRPC_LANES = 10;
const UNAVAILABLE = 14;
const RESOURCE_EXHAUSTED = 8;

let server: TestServer;
afterEach(async () => {
  await server.dispose();
});

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024;
}

/** The one in the middle: a merge of the engine's takes more for a moment, and gives it back. */
function usual(samples: readonly number[]): number {
  return samples.toSorted((one, other) => one - other)[Math.floor(samples.length / 2)]!;
}

/** Memory, ten times a second, until the part is over; the API answers all the while. */
async function samplesOfPart(refusals: Refusals): Promise<number[]> {
  const samples: number[] = [];
  const startedAt = performance.now();
  const answersBefore = refusals.answers;
  do {
    const { status } = await server.api('GET', '/api/v1/agents');
    expect(status).toBe(200);
    await sleep(100);
    samples.push(residentBytes(server.pid));
    expect(performance.now() - startedAt).toBeLessThan(PART_MAX_MS);
  } while (
    samples.length < 10 ||
    performance.now() - startedAt < PART_MS ||
    refusals.answers - answersBefore < PART_ANSWERS
  );
  return samples;
}

const ballast = randomBytes(3_000).toString('base64');
const requestOf = (lane: number, index: number): NumberedRequest =>
  encodeRequest(
    'traces',
    { lane, index, items: 250, ballast },
    { encoding: 'protobuf', gzip: false },
  );

interface Refusals {
  /** Answers of every kind. */
  answers: number;
  readonly http: Set<string>;
  readonly grpc: Set<string>;
}

function acknowledge(ledger: Ledger, request: NumberedRequest): void {
  for (const id of request.ids) ledger.acknowledged.add(id);
}

/** Sends the next request as soon as the one before is answered, whatever the answer. */
async function loadHttp(lane: number, ledger: Ledger, refusals: Refusals, until: AbortSignal) {
  for (let index = 0; !until.aborted; index++) {
    const request = requestOf(lane, index);
    for (const id of request.ids) ledger.sent.add(id);
    const answer = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: request.headers,
      body: request.body as Uint8Array<ArrayBuffer>,
    });
    await answer.arrayBuffer();
    refusals.answers++;
    if (answer.status === 200) acknowledge(ledger, request);
    else refusals.http.add(`${answer.status} retry-after ${answer.headers.get('retry-after')}`);
  }
}

async function loadGrpc(lane: number, ledger: Ledger, refusals: Refusals, until: AbortSignal) {
  const client = new Client(server.grpcAddress, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  const pass = (bytes: Buffer): Buffer => bytes;
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  for (let index = 0; !until.aborted; index++) {
    const request = requestOf(lane, index);
    for (const id of request.ids) ledger.sent.add(id);
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(method, pass, pass, request.body, new Metadata(), (failure) =>
        resolve(failure),
      );
    });
    refusals.answers++;
    if (error === null) acknowledge(ledger, request);
    else {
      const [details] = error.metadata.get('grpc-status-details-bin') as Buffer[];
      const hasRetryInfo = details?.includes('google.rpc.RetryInfo') ?? false;
      refusals.grpc.add(`${error.code} RetryInfo ${hasRetryInfo}`);
    }
  }
  client.close();
}

test(
  'at many times what it can take, memory stays flat, refusals say when to come again, and the API answers',
  { timeout: 300_000 },
  async () => {
    server = await startServer({
      env: {
        SIGNALBOX_PIPELINE_INFLIGHT_BYTES_MAX: String(8 * MIB),
        SIGNALBOX_PIPELINE_BACKLOG_BYTES_MAX: String(16 * MIB),
        SIGNALBOX_PIPELINE_SEGMENT_BYTES_MAX: String(8 * MIB),
      },
    });
    const ledger = createLedger();
    const refusals: Refusals = { answers: 0, http: new Set(), grpc: new Set() };
    const stop = new AbortController();
    const over = stop.signal;
    const lanes = [
      ...Array.from({ length: HTTP_LANES }, (_, lane) => loadHttp(lane, ledger, refusals, over)),
      ...Array.from({ length: GRPC_LANES }, (_, lane) =>
        loadGrpc(HTTP_LANES + lane, ledger, refusals, over),
      ),
    ];
    const loading = Promise.all(lanes);
    loading.catch(() => stop.abort());
    const parts: number[][] = [];
    try {
      for (let part = 0; part < 3; part++) parts.push(await samplesOfPart(refusals));
    } finally {
      stop.abort();
    }
    await loading;
    const [, earlier, later] = parts;
    expect(usual(later!) - usual(earlier!)).toBeLessThan(GROWTH_MAX_BYTES);
    expect(Math.max(...later!)).toBeLessThan(RESIDENT_MAX_BYTES);
    const refusedHttp = [...refusals.http];
    expect(refusedHttp.length).toBeGreaterThan(0);
    expect(refusedHttp.filter((text) => !/^(?:429|503) retry-after [1-9]\d*$/.test(text))).toEqual(
      [],
    );
    const allowed = [RESOURCE_EXHAUSTED, UNAVAILABLE].map((code) => `${code} RetryInfo true`);
    expect(refusals.grpc.size).toBeGreaterThan(0);
    expect([...refusals.grpc].filter((text) => !allowed.includes(text))).toEqual([]);
    await eventually('an empty log', () => countLogs(server.dataDir) === 0 || undefined, 60_000);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(ledger.acknowledged.size).toBeGreaterThan(10_000);
    const { lost, repeated, neverSent } = compare(await readStoredItems(server.dataDir), ledger);
    // A refused request is not sent again here, and nothing refused may have been stored.
    expect({ lost, repeated, neverSent }).toEqual(NO_DISCREPANCY);
  },
);
