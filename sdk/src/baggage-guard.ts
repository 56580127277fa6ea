import {
  createContextKey,
  propagation,
  trace,
  SpanKind,
  type Context,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';

import { baggageOf, remoteBaggageOf, withRemoteBaggage } from './context-identity.ts';
import type { HostTest } from './trusted-hosts.ts';

const SEND_BAGGAGE = createContextKey('signalbox.send_baggage');

/** The context in which baggage is written into a carrier that stays in the house, such as a message on our bus. */
export function allowingBaggage(of: Context): Context {
  return of.setValue(SEND_BAGGAGE, true);
}

/** What a recording span of any 2.x SDK shows of itself. */
interface ShownSpan {
  readonly kind?: SpanKind;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/**
 * W3C baggage that does not leave for strangers and is not believed from them. Who conversation and user are is
 * told by baggage, and baggage is not signed: a request from outside could claim any user, and a model's vendor
 * has no business with ours. What arrives is kept apart until `judgeSender` has seen who sent it.
 */
export function guardBaggage(inner: TextMapPropagator, isTrusted: HostTest): TextMapPropagator {
  return {
    inject(of: Context, carrier: unknown, setter: TextMapSetter) {
      const baggage = baggageOf(of);
      if (baggage === undefined || !maySend(of, isTrusted)) return;
      inner.inject(propagation.setBaggage(of, baggage), carrier, setter);
    },
    extract(of: Context, carrier: unknown, getter: TextMapGetter): Context {
      const baggage = propagation.getBaggage(inner.extract(of, carrier, getter));
      if (baggage === undefined) return of;
      return withRemoteBaggage(of, { baggage, trusted: undefined });
    },
    fields: () => inner.fields(),
  };
}

function maySend(of: Context, isTrusted: HostTest): boolean {
  if (of.getValue(SEND_BAGGAGE) === true) return true;
  const span = trace.getSpan(of) as ShownSpan | undefined;
  const host = span?.attributes?.['server.address'];
  return span?.kind === SpanKind.CLIENT && typeof host === 'string' && isTrusted(host);
}

/**
 * Decides about the baggage in `parent` when the server's span of a request has started: the peer of the connection
 * must be trusted, and whoever a proxy says it speaks for as well.
 */
export function judgeSender(span: ShownSpan, parent: Context, isTrusted: HostTest): void {
  const remote = remoteBaggageOf(parent);
  if (remote === undefined || remote.trusted !== undefined || span.kind !== SpanKind.SERVER) return;
  const { attributes = {} } = span;
  const hosts = [attributes['network.peer.address'], attributes['client.address']].filter(
    (host) => typeof host === 'string',
  );
  remote.trusted = hosts.length > 0 && hosts.every(isTrusted);
}
