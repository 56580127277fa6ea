import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import { messageOf } from '../errors.ts';
import type { SpanBatch } from '../model/outgoing-telemetry.ts';
import type { Signal } from '../model/signal.ts';
import { decodeExportResponse } from '../otlp/decode-export-response.ts';
import { writeTraces } from '../otlp/write-traces.ts';
import { transcodeJson } from '../otlp/transcode-json.ts';
import type { OtlpTarget } from './otlp-target.ts';

const compress = promisify(gzip);

/** An export request as OTLP/JSON; it is turned into what the target takes when it is sent. */
export interface OtlpRequest {
  readonly signal: Signal;
  readonly json: Buffer;
}

export const traceRequest = (batches: readonly SpanBatch[]): OtlpRequest => ({
  signal: 'traces',
  json: Buffer.from(writeTraces(batches), 'utf8'),
});

export type SendResult =
  /** Taken, but for `rejected` items; a message without any is a warning. */
  | { readonly kind: 'accepted'; readonly rejected: number; readonly message: string }
  /** Sending the same again is of no use. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** Nobody answered, or only with a request for patience, as often as was tried. */
  | {
      readonly kind: 'unanswered';
      readonly message: string;
      /** How long the receiver asked to be left alone, where that is longer than this would wait. */
      readonly retryAfterMs?: number | undefined;
    };

/** What is refused for the sender's key or address is not asked again sooner. */
export const MENDED_BY_HAND_MS = 30_000;

/**
 * Whether a refusal is of who sends or of where to, and not of what is sent: with the key or the address mended, the same
 * is taken. So it must not be thrown away where it can be kept.
 */
export const isMendedByHand = (result: SendResult): boolean =>
  result.kind === 'refused' && (isRedirect(result.status) || ACCESS.includes(result.status));

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** Not signed in, not allowed, no such path, no such method there. */
const ACCESS: readonly number[] = [401, 403, 404, 405, 407];

export interface RetryOptions {
  /** Attempts in all; the default of 5 takes about 8 seconds where nobody answers. */
  readonly attemptsMax?: number | undefined;
  readonly firstDelayMs?: number | undefined;
  readonly delayMsMax?: number | undefined;
  /** From 0 to 1, for the spread of delays. */
  readonly random?: (() => number) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The only statuses that OTLP lets a client send again after. */
const RETRYABLE: readonly number[] = [429, 502, 503, 504];
const ATTEMPTS_MAX = 5;
const FIRST_DELAY_MS = 500;
const DELAY_MS_MAX = 30_000;
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
const EXCERPT_MAX = 300;

type Attempt =
  | { readonly kind: 'over'; readonly result: SendResult }
  | { readonly kind: 'again'; readonly message: string; readonly retryAfterMs: number | undefined };

/**
 * Sends one request, again where OTLP allows it: after 429, 502, 503, 504 and when nobody answered, as late as the
 * receiver asks or with growing delays. An abort ends it as unanswered.
 */
export async function sendOtlp(
  target: OtlpTarget,
  request: OtlpRequest,
  retry: RetryOptions = {},
): Promise<SendResult> {
  const { attemptsMax = ATTEMPTS_MAX, random = Math.random, signal } = retry;
  const { firstDelayMs = FIRST_DELAY_MS, delayMsMax = DELAY_MS_MAX } = retry;
  const { body, headers } = await encodeFor(target, request);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(target, request.signal, { body, headers }, signal);
    if (outcome.kind === 'over') return outcome.result;
    if (attempt >= attemptsMax || signal?.aborted) return { ...outcome, kind: 'unanswered' };
    const backoff = Math.min(firstDelayMs * 2 ** (attempt - 1), delayMsMax);
    const delay = outcome.retryAfterMs ?? backoff * (0.5 + random() / 2);
    if (delay > delayMsMax) return { ...outcome, kind: 'unanswered' };
    const waited = await sleep(delay, true, signal ? { signal } : {}).catch(() => false);
    if (!waited) return { kind: 'unanswered', message: outcome.message };
  }
}

interface EncodedRequest {
  readonly body: Buffer;
  readonly headers: Record<string, string>;
}

async function encodeFor(target: OtlpTarget, request: OtlpRequest): Promise<EncodedRequest> {
  const protobuf = target.protocol === 'http/protobuf';
  const plain = protobuf ? transcodeJson(request.signal, request.json) : request.json;
  const gzipped = target.compression === 'gzip';
  return {
    body: gzipped ? await compress(plain) : plain,
    headers: {
      'user-agent': 'Signalbox',
      ...target.headers,
      'content-type': protobuf ? 'application/x-protobuf' : 'application/json',
      ...(gzipped ? { 'content-encoding': 'gzip' } : {}),
    },
  };
}

async function attemptOnce(
  target: OtlpTarget,
  telemetry: Signal,
  { body, headers }: EncodedRequest,
  stop: AbortSignal | undefined,
): Promise<Attempt> {
  const timeout = AbortSignal.timeout(target.timeoutMs);
  const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
  let response: Response;
  let answer: Buffer;
  try {
    const init = { method: 'POST', headers, body: new Uint8Array(body), signal } as const;
    // A redirect would lead a POST, and its credentials, elsewhere.
    response = await fetch(target.url, { ...init, redirect: 'manual' });
    answer = await readAnswer(response);
  } catch (error) {
    return { kind: 'again', message: reasonOf(error, target, timeout), retryAfterMs: undefined };
  }
  if (response.ok) {
    const encoding = target.protocol === 'http/protobuf' ? 'protobuf' : 'json';
    const told = decodeExportResponse(telemetry, encoding, answer);
    // A page to sign in at, or of a proxy: nobody says that anything was stored.
    const isPage = /^text\/html\b/i.test(response.headers.get('content-type') ?? '');
    const message = isPage
      ? `${target.url} answered ${response.status} with a web page, which is no answer of a receiver: is it the right address?`
      : told.message;
    return { kind: 'over', result: { kind: 'accepted', rejected: told.rejected, message } };
  }
  const elsewhere = isRedirect(response.status) ? response.headers.get('location') : null;
  const reason =
    elsewhere === null
      ? excerptOf(answer)
      : `it leads to ${excerptOf(Buffer.from(elsewhere))}, which is not followed; name that address if it is right`;
  const message = `${target.url} answered ${response.status}: ${reason}`;
  if (!RETRYABLE.includes(response.status)) {
    return { kind: 'over', result: { kind: 'refused', status: response.status, message } };
  }
  return {
    kind: 'again',
    message,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
  };
}

function reasonOf(error: unknown, target: OtlpTarget, timeout: AbortSignal): string {
  if (timeout.aborted) return `${target.url} did not answer within ${target.timeoutMs} ms`;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = String((cause as { code?: unknown }).code);
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return `${target.url} cannot be reached: it does not answer as https; is it http?`;
  }
  const reason = messageOf(cause) || code;
  const remedy = /CERT|ISSUER|SIGNATURE/.test(code)
    ? '; a certificate of your own is trusted when NODE_EXTRA_CA_CERTS names its file'
    : '';
  return `${target.url} cannot be reached: ${reason}${remedy}`;
}

/** As much of the body as an export answer may have; what is longer is cut. */
async function readAnswer(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return Buffer.alloc(0);
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(chunks);
}

/** Control characters of a foreign answer must not reach a terminal. */
function excerptOf(answer: Buffer): string {
  const text = answer
    .toString('utf8')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
  return text === '' ? 'no reason given' : text.slice(0, EXCERPT_MAX);
}

/** `Retry-After` as seconds or as a date; undefined when absent or neither. */
export function retryAfterMs(header: string | null, nowMs = Date.now()): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
