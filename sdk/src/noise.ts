import { SpanStatusCode, type Attributes, type Context, type SpanStatus } from '@opentelemetry/api';

/** Spans whose name begins with `spanNamePrefix` and on which only `exceptionTypes` occurred did not fail. */
export interface NoiseRule {
  readonly spanNamePrefix: string;
  readonly exceptionTypes: readonly string[];
}

/** Exceptions that libraries use to end a loop, catch themselves, and yet mark as errors. */
export const BENIGN_EXCEPTIONS: readonly NoiseRule[] = [
  {
    // A2A's event queue tells its readers of the end of a stream by shutting the queue down.
    spanNamePrefix: 'a2a.server.events.event_queue',
    exceptionTypes: [
      'culsans.QueueShutDown',
      'culsans._exceptions.QueueShutDown',
      'asyncio.queues.QueueShutDown',
      'QueueShutDown',
    ],
  },
];

/** What is read of a span that has ended; every OpenTelemetry SDK of the 2.x line hands over more. */
export interface EndedSpan {
  readonly name: string;
  readonly status: SpanStatus;
  readonly events: readonly { readonly name: string; readonly attributes?: Attributes }[];
}

/** The part of OpenTelemetry's SpanProcessor that is passed on; `Started` is the SDK's own span. */
export interface ChainedProcessor<Started, Ended extends EndedSpan> {
  onStart(span: Started, parentContext: Context): void;
  onEnd(span: Ended): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Whether a span is marked as failed for exceptions that are all benign by one of the rules. */
export function isNoise(span: EndedSpan, rules: readonly NoiseRule[]): boolean {
  if (span.status.code !== SpanStatusCode.ERROR || span.events.length === 0) return false;
  const types = span.events
    .filter(({ name }) => name === 'exception')
    .map(({ attributes }) => attributes?.['exception.type']);
  if (types.length === 0) return false;
  return rules.some(
    ({ spanNamePrefix, exceptionTypes }) =>
      span.name.startsWith(spanNamePrefix) &&
      types.every((type) => typeof type === 'string' && exceptionTypes.includes(type)),
  );
}

/**
 * A span processor before another: what `next` gets of a span that failed for benign reasons alone has the status
 * UNSET. The span itself is not touched, so other processors see it as it was, and no hook beyond the public
 * interface is needed.
 */
export function suppressNoise<Started, Ended extends EndedSpan>(
  next: ChainedProcessor<Started, Ended>,
  rules: readonly NoiseRule[] = BENIGN_EXCEPTIONS,
): ChainedProcessor<Started, Ended> {
  return {
    onStart: (span, parentContext) => next.onStart(span, parentContext),
    onEnd: (span) => next.onEnd(isNoise(span, rules) ? withoutFailure(span) : span),
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}

/** The same span, but for its status; reads go to the span itself, so that its own private fields are found. */
function withoutFailure<Ended extends EndedSpan>(span: Ended): Ended {
  const status: SpanStatus = { code: SpanStatusCode.UNSET };
  return new Proxy(span, {
    get(target, key) {
      if (key === 'status') return status;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
