import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Context,
  type TextMapGetter,
} from '@opentelemetry/api';

import { allowingBaggage } from './baggage-guard.ts';
import { remoteBaggageOf } from './context-identity.ts';
import { isFields, type Fields } from './fields.ts';

/** A JSON-RPC request, notification, or anything else with `params`. */
export interface Envelope {
  readonly params?: unknown;
}

/** Headers of a message: a plain object, or something with `get` such as NATS' or the fetch API's headers. */
export type MessageHeaders = Fields | { get(name: string): string | null | undefined };

export interface ReceiveOptions {
  /** Headers of the transport, asked when the envelope says nothing. */
  readonly headers?: MessageHeaders | undefined;
  /** Whether the sender may say whose conversation and user this is. False unless set. */
  readonly trustBaggage?: boolean | undefined;
}

const KEYS = ['traceparent', 'tracestate', 'baggage'] as const;

/** The keys of the trace context and baggage of `of`, ready to be put beside a message. */
export function carrierOf(of: Context = context.active()): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(allowingBaggage(of), carrier);
  return carrier;
}

/**
 * A copy of the envelope that carries the trace context twice: in `params._meta`, where MCP and the current
 * convention look, and in `params._meta.headers`. Anything else in `params` and `_meta` stays. An envelope whose
 * `params` is an array cannot carry it and is returned as it is.
 */
export function injectEnvelope<E extends Envelope>(envelope: E, of: Context = context.active()): E {
  const carrier = carrierOf(of);
  const params = envelope.params ?? {};
  if (Object.keys(carrier).length === 0 || !isFields(params)) return envelope;
  const meta = isFields(params['_meta']) ? params['_meta'] : {};
  const headers = isFields(meta['headers']) ? meta['headers'] : {};
  return {
    ...envelope,
    params: { ...params, _meta: { ...meta, ...carrier, headers: { ...headers, ...carrier } } },
  };
}

/**
 * The context that a message brings: from `params._meta`, else `params._meta.headers`, else the transport's
 * headers. The first that holds a `traceparent` wins; what is damaged counts as absent. Never throws.
 */
export function extractEnvelope(
  envelope: unknown,
  options: ReceiveOptions = {},
  parent: Context = ROOT_CONTEXT,
): Context {
  const params = isFields(envelope) ? envelope['params'] : undefined;
  const meta = isFields(params) && isFields(params['_meta']) ? params['_meta'] : {};
  const nested = isFields(meta['headers']) ? meta['headers'] : {};
  const carriers = [meta, nested, ...(options.headers ? [options.headers] : [])].map(readKeys);
  const carrier = carriers.find(({ traceparent }) => traceparent !== undefined) ?? {};
  return extractCarrier(carrier, options.trustBaggage ?? false, parent);
}

/** The context that headers alone bring. Never throws. */
export function extractHeaders(
  headers: MessageHeaders,
  options: Omit<ReceiveOptions, 'headers'> = {},
  parent: Context = ROOT_CONTEXT,
): Context {
  return extractCarrier(readKeys(headers), options.trustBaggage ?? false, parent);
}

const GETTER: TextMapGetter<Record<string, string>> = {
  get: (carrier, key) => carrier[key],
  keys: (carrier) => Object.keys(carrier),
};

function extractCarrier(carrier: Record<string, string>, trust: boolean, parent: Context): Context {
  const extracted = propagation.extract(parent, carrier, GETTER);
  const remote = remoteBaggageOf(extracted);
  if (remote !== undefined) remote.trusted = trust;
  // With a set-up of the user's own, baggage comes without our guard.
  return trust ? extracted : propagation.deleteBaggage(extracted);
}

function readKeys(from: MessageHeaders): Record<string, string> {
  const found: Record<string, string> = {};
  for (const key of KEYS) {
    const value: unknown = hasGet(from) ? from.get(key) : from[key];
    if (typeof value === 'string' && value !== '') found[key] = value;
  }
  return found;
}

function hasGet(from: MessageHeaders): from is { get(name: string): string | null | undefined } {
  return typeof (from as Fields)['get'] === 'function';
}
