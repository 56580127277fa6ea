import { isDeepStrictEqual } from 'node:util';

import * as fc from 'fast-check';

import { mulberry32 } from '../../src/cli/demo/random.ts';
import { AppError } from '../../src/errors.ts';
import type { Signal } from '../../src/model/signal.ts';
import { SIGNALS } from '../../src/model/signal.ts';
import { TelemetryColumns } from '../../src/model/telemetry-columns.ts';
import { MalformedError } from '../../src/otlp/protobuf-reader.ts';
import { TelemetryDecoder } from '../../src/otlp/telemetry-decoder.ts';
import { transcodeJson } from '../../src/otlp/transcode-json.ts';
import { DIALECTS } from '../../src/semconv/dialects.ts';
import { RUN_ROOT_NAMES } from '../../src/semconv/run-root.ts';
import { completeRequest } from '../fixtures/otlp/complete-request.ts';
import {
  anyRequest,
  PLAIN,
  REQUESTS,
  toJson,
  toProtobufObject,
} from '../fixtures/otlp/generated-request.ts';
import type { Message } from '../fixtures/otlp/generated-request.ts';
import { plainColumns } from '../fixtures/otlp/plain-columns.ts';
import { createEncoder } from '../fixtures/otlp/protobuf-root.ts';
import { mutate } from './mutate.ts';

export interface CampaignOptions {
  /** Decides every payload. */
  readonly seed: number;
  /** Payloads to send. */
  readonly count: number;
  /** The first payload's number: one that failed is sent again by its number and a count of 1. */
  readonly first?: number;
  readonly onProgress?: (sent: number) => void;
}

export interface CampaignResult {
  readonly sent: number;
  /** Payloads that were decoded, and those that were refused. */
  readonly decoded: number;
  readonly refused: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly slowestMs: number;
}

interface Payload {
  readonly signal: Signal;
  readonly encoding: 'protobuf' | 'json';
  readonly bytes: Buffer;
}

const CONTEXT = { project: 'fuzz', receivedAtMs: 1_790_000_000_000 };
/** Set, they would take the place of every other value. */
const WITHOUT = new Set(['AnyValue.stringValueStrindex']);
const CORPUS_PER_SIGNAL = 150;
const RESET_EVERY = 250;
const COMPARE_EVERY = 50;
const SLOW_MS = 1000;
const RESIDENT_BYTES_MAX = 2 ** 30;

/**
 * Sends damaged requests to the decoders. Throws, naming the payload, when one does more than be decoded or
 * refused: another error, a second of work, rows of unequal columns, columns that a refusal has changed.
 */
export function runCampaign(options: CampaignOptions): CampaignResult {
  const corpus = createCorpus(options.seed);
  const campaign = new Campaign();
  const first = options.first ?? 0;
  for (let at = first; at < first + options.count; at++) {
    // Each payload has a generator of its own, so that it can be made again without those before it.
    const random = mulberry32(Math.imul(options.seed, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b));
    const payload = createPayload(corpus, random);
    try {
      campaign.send(payload, at);
    } catch (error) {
      throw new Error(
        `payload ${at} of seed ${options.seed} (${payload.encoding} ${payload.signal}, ${payload.bytes.length} bytes): ${payload.bytes.toString('base64')}`,
        { cause: error },
      );
    }
    if ((at + 1) % 10_000 === 0) options.onProgress?.(at + 1 - first);
  }
  return campaign.result();
}

class Campaign {
  readonly #decoder = new TelemetryDecoder(new TelemetryColumns(), {
    dialects: DIALECTS,
    runRootNames: RUN_ROOT_NAMES,
  });
  #sent = 0;
  #decoded = 0;
  #refused = 0;
  #accepted = 0;
  #rejected = 0;
  #slowestMs = 0;

  send(payload: Payload, at: number): void {
    const { columns } = this.#decoder;
    const mark = columns.mark();
    const rows = columns.count;
    const before = at % COMPARE_EVERY === 0 ? plainColumns(columns) : undefined;
    const started = performance.now();
    const outcome = this.#attempt(payload);
    const took = performance.now() - started;
    this.#sent++;
    this.#slowestMs = Math.max(this.#slowestMs, took);
    if (took > SLOW_MS) throw new Error(`took ${Math.round(took)} ms`);
    if (outcome === undefined) {
      this.#refused++;
      assertSame(columns.mark(), mark, 'a refused request has left its mark');
      if (before !== undefined) {
        assertSame(plainColumns(columns), before, 'a refused request has changed the columns');
      }
    } else {
      this.#decoded++;
      this.#accepted += outcome.accepted;
      this.#rejected += outcome.rejected;
      assertSame(columns.count - rows, outcome.accepted, 'rows are not what was accepted');
    }
    if (this.#sent % RESET_EVERY === 0) this.#reset();
  }

  /** What the request gave, or undefined when it was refused. */
  #attempt(payload: Payload): { accepted: number; rejected: number } | undefined {
    try {
      let body = payload.bytes;
      if (payload.encoding === 'json') {
        body = transcodeJson(payload.signal, payload.bytes);
        if (body.length > payload.bytes.length * 8 + 64) throw new Error('grew beyond measure');
      }
      return this.#decoder.decode(payload.signal, body, CONTEXT);
    } catch (error) {
      if (error instanceof MalformedError || error instanceof AppError) return undefined;
      throw error;
    }
  }

  #reset(): void {
    assertShape(plainColumns(this.#decoder.columns));
    this.#decoder.reset();
    const resident = process.memoryUsage.rss();
    if (resident > RESIDENT_BYTES_MAX) throw new Error(`holds ${resident} bytes of memory`);
  }

  result(): CampaignResult {
    return {
      sent: this.#sent,
      decoded: this.#decoded,
      refused: this.#refused,
      accepted: this.#accepted,
      rejected: this.#rejected,
      slowestMs: this.#slowestMs,
    };
  }
}

function assertSame(actual: unknown, expected: unknown, message: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(message);
}

/** All columns of a table have its rows. */
function assertShape(tables: object): void {
  for (const [table, columns] of Object.entries(tables) as [string, Record<string, unknown>][]) {
    const { genai = {}, ...rest } = columns;
    const lengths = Object.entries({ ...rest, ...(genai as object) }).map(
      ([name, values]) => [name, (values as unknown[]).length] as const,
    );
    const odd = lengths.filter(([, length]) => length !== lengths[0]![1]);
    if (odd.length > 0)
      throw new Error(`${table} has columns of unequal length: ${odd.join(', ')}`);
  }
}

function createCorpus(seed: number): Payload[] {
  const encode = createEncoder();
  const random = mulberry32(seed);
  const style = { choose: (count: number) => Math.floor(random() * count) };
  return SIGNALS.flatMap((signal) => {
    const generated = fc.sample(anyRequest(signal), { seed, numRuns: CORPUS_PER_SIGNAL });
    const complete = completeRequest(signal, WITHOUT).message;
    const messages: Message[] = [complete, withLargeValues(complete), ...generated];
    return messages.flatMap((message, at): Payload[] => [
      {
        signal,
        encoding: 'protobuf',
        bytes: encode(REQUESTS[signal], toProtobufObject(message) as object),
      },
      {
        signal,
        encoding: 'json',
        bytes: Buffer.from(toJson(REQUESTS[signal], message, at % 2 === 0 ? PLAIN : style)),
      },
    ]);
  });
}

/** The message with its first string values conversations, of which the parts leave the row. */
function withLargeValues(message: Message): Message {
  const content = JSON.stringify(
    Array.from({ length: 6 }, (_, at) => ({ role: 'user', content: `"{[${at}`.repeat(80) })),
  );
  let left = 12;
  const enlarge = (value: unknown, key: string): unknown => {
    if (key === 'stringValue' && left-- > 0) return content;
    if (Array.isArray(value)) return value.map((item) => enlarge(item, ''));
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, enlarge(inner, name)]),
    );
  };
  return enlarge(message, '') as Message;
}

function createPayload(corpus: readonly Payload[], random: () => number): Payload {
  const pick = (): Payload => corpus[Math.floor(random() * corpus.length)]!;
  const base = pick();
  const signal = random() < 0.05 ? SIGNALS[Math.floor(random() * SIGNALS.length)]! : base.signal;
  return { ...base, signal, bytes: mutate(base.bytes, pick().bytes, base.encoding, random) };
}
