import { context, SpanKind, type Attributes, type Context, type Span } from '@opentelemetry/api';

import { isFields, type Fields } from './fields.ts';
import { once, replaceMethod } from './instrumented.ts';
import {
  carrierOf,
  extractEnvelope,
  injectEnvelope,
  type MessageHeaders,
} from './message-context.ts';
import { withSpan } from './owned-span.ts';
import { isOff, shared, type Settings } from './shared-state.ts';
import { trustedHosts } from './trusted-hosts.ts';

/** Headers of NATS' own kind. */
export interface NatsHeaders {
  get(name: string): string;
  set(name: string, value: string): void;
}

/** A received message, by what is looked at. */
export interface NatsMessage {
  readonly subject: string;
  readonly reply?: string | undefined;
  readonly data: Uint8Array;
  readonly headers?: MessageHeaders | undefined;
}

/** The parts of a connection of `@nats-io/transport-node`, or of the older `nats`, that are used. */
export interface NatsConnection {
  publish(subject: string, payload?: never, options?: never): void;
  request(subject: string, payload?: never, options?: never): Promise<unknown>;
  subscribe(subject: string, options?: never): unknown;
  getServer(): string;
  /** What the server said of itself. */
  readonly info?: { readonly max_payload?: number } | undefined;
}

export interface NatsOptions {
  /** The library's `headers` function: with it, messages that are no JSON-RPC carry the trace context too. */
  readonly createHeaders?: (() => NatsHeaders) | undefined;
}

export interface NatsMessageOptions {
  /** Whether the sender may say whose conversation and user this is. False unless set. */
  readonly trustBaggage?: boolean | undefined;
}

/** Subjects that libraries make up for replies; who waits for them has the request's span. */
const INBOX = /^_INBOX\./;

type Payload = string | Uint8Array | undefined;
type Callback = (error: Error | null, message: NatsMessage) => unknown;

/**
 * Makes a connection carry traces. What is published or requested gets a span, and its JSON-RPC envelope the trace
 * context in `params._meta`; callbacks of subscriptions run inside a span that is the child of the sender's. Messages
 * that are read in a loop are handled with `withNatsMessage`.
 */
export function instrumentNats<T extends NatsConnection>(nats: T, options: NatsOptions = {}): T {
  return once(nats, () => {
    // A request is published by the connection itself.
    let sending = false;
    const isTrusted = serverTrust(nats);
    const send =
      (kind: SpanKind) =>
      (original: (...args: unknown[]) => unknown, args: unknown[]): unknown => {
        const [subject, payload, given] = args as [string, Payload, Fields | undefined];
        if (isOff() || sending || INBOX.test(subject)) return original(...args);
        const span = { name: `send ${subject}`, kind, attributes: attributesOf(subject, 'send') };
        return withSpan(span, () => {
          sending = true;
          try {
            const carried = carrying(payload);
            const bytesMax = nats.info?.max_payload ?? Infinity;
            // What would no longer be taken goes out as it came.
            if (sizeOf(carried) + headerBytes() > bytesMax) return original(...args);
            return original(subject, carried, withHeaders(given, options));
          } finally {
            sending = false;
          }
        });
      };
    replaceMethod(nats, 'publish', send(SpanKind.PRODUCER));
    replaceMethod(nats, 'request', send(SpanKind.CLIENT));
    replaceMethod(nats, 'requestMany', send(SpanKind.CLIENT));
    replaceMethod(nats, 'subscribe', (original, args) => {
      const given = args[1] as { readonly callback?: Callback } | undefined;
      const callback = given?.callback;
      if (callback === undefined) return original(...args);
      const watched: Callback = (error, message) => {
        if (error !== null || INBOX.test(message.subject)) return callback(error, message);
        const trustBaggage = isTrusted();
        return withNatsMessage(message, () => callback(error, message), { trustBaggage });
      };
      return original(args[0], { ...given, callback: watched });
    });
  });
}

/**
 * Runs the handling of a message inside a span that is the child of its sender's. HTTP requests, model calls and
 * messages that `work` makes belong to the same trace: this is the bridge from NATS to everything else.
 */
export function withNatsMessage<T>(
  message: NatsMessage,
  work: (span: Span) => T,
  options: NatsMessageOptions = {},
): T {
  const { subject, reply, headers } = message;
  const received = (): Context =>
    extractEnvelope(envelopeOf(message.data), { headers, trustBaggage: options.trustBaggage });
  return withSpan(
    {
      name: `process ${subject}`,
      kind: reply ? SpanKind.SERVER : SpanKind.CONSUMER,
      attributes: {
        ...attributesOf(subject, 'process'),
        'messaging.message.body.size': message.data.length,
      },
      ...(isOff() ? {} : { parent: received() }),
    },
    work,
  );
}

function attributesOf(subject: string, operation: string): Attributes {
  return {
    'messaging.system': 'nats',
    'messaging.destination.name': subject,
    'messaging.operation.type': operation,
    'messaging.operation.name': operation,
  };
}

/**
 * The payload with the active trace context in it, when it is a JSON-RPC envelope; else as it is. Numbers that
 * JavaScript cannot hold, such as ids of 64 bits, are put back as they were written.
 */
function carrying(payload: Payload): Payload {
  const envelope = envelopeOf(payload);
  if (envelope === undefined || payload === undefined) return payload;
  const json = typeof payload === 'string' ? payload : new TextDecoder().decode(payload);
  const kept = keepNumbers(json);
  const whole = kept.numbers.length === 0 ? envelope : (JSON.parse(kept.json) as Fields);
  const text = kept.restore(JSON.stringify(injectEnvelope(whole)));
  return typeof payload === 'string' ? text : new TextEncoder().encode(text);
}

const LONG_NUMBER = /[\d.]{16}|\d[eE]/;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

interface KeptNumbers {
  readonly json: string;
  readonly numbers: readonly string[];
  readonly restore: (json: string) => string;
}

/** Puts a string in the place of each number that would not come back the same. */
function keepNumbers(json: string): KeptNumbers {
  const numbers: string[] = [];
  if (!LONG_NUMBER.test(json)) return { json, numbers, restore: (text) => text };
  let mark = 'signalbox-number-';
  while (json.includes(mark)) mark += '-';
  const marked = json.replaceAll(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"') || isExact(token)) return token;
    return `"${mark}${numbers.push(token) - 1}"`;
  });
  const marks = new RegExp(`"${mark}(\\d+)"`, 'g');
  return {
    json: marked,
    numbers,
    restore: (text) => text.replaceAll(marks, (_, at: string) => numbers[Number(at)]!),
  };
}

/** Fifteen digits survive in any double, and so does what a double was written as. */
function isExact(text: string): boolean {
  const digits = text.replace(/[eE].*$/, '').replaceAll(/\D/g, '').length;
  return (digits <= 15 && Number.isFinite(Number(text))) || String(Number(text)) === text;
}

/** What the trace context may take in the headers of a message. */
function headerBytes(): number {
  return JSON.stringify(carrierOf(context.active())).length + 64;
}

function sizeOf(payload: Payload): number {
  return typeof payload === 'string' ? Buffer.byteLength(payload) : (payload?.length ?? 0);
}

const BRACE = 0x7b;

function envelopeOf(payload: Payload): Fields | undefined {
  if (payload === undefined || payload.length === 0) return undefined;
  // Most payloads that are no JSON are told by their first byte.
  if (typeof payload === 'string' ? !payload.startsWith('{') : payload[0] !== BRACE)
    return undefined;
  try {
    const text = typeof payload === 'string' ? payload : new TextDecoder().decode(payload);
    const value: unknown = JSON.parse(text);
    return isFields(value) && value['jsonrpc'] === '2.0' ? value : undefined;
  } catch {
    return undefined;
  }
}

function withHeaders(
  given: Fields | undefined,
  { createHeaders }: NatsOptions,
): Fields | undefined {
  const headers = (given?.['headers'] as NatsHeaders | undefined) ?? createHeaders?.();
  if (headers === undefined) return given;
  for (const [key, value] of Object.entries(carrierOf(context.active()))) headers.set(key, value);
  return { ...given, headers };
}

/** Whoever may publish on a server of this house may say whose conversation it is. Judged once for each server. */
function serverTrust(nats: NatsConnection): () => boolean {
  let judged: { settings: Settings; server: string; trusted: boolean } | undefined;
  return () => {
    const { settings } = shared;
    const server = nats.getServer();
    if (judged?.settings !== settings || judged.server !== server) {
      const trusted = trustedHosts(settings.baggageHosts)(server.replace(/:\d+$/, ''));
      judged = { settings, server, trusted };
    }
    return judged.trusted;
  };
}
