/**
 * Exceptions that a library uses to end a loop and catches itself, though a decorator has marked the span as failed by
 * then. Spans whose name begins with `spanNamePrefix` and on which only `exceptionTypes` occurred did not fail. The SDK
 * has the same list and applies it before it sends.
 */
export interface NoiseRule {
  readonly spanNamePrefix: string;
  readonly exceptionTypes: readonly string[];
}

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

/** Whether a failed span of this name with exceptions of these types, in any number, is noise by one of the rules. */
export function isNoise(
  name: string,
  exceptionTypes: readonly string[],
  rules: readonly NoiseRule[],
): boolean {
  if (exceptionTypes.length === 0) return false;
  return rules.some(
    (rule) =>
      name.startsWith(rule.spanNamePrefix) &&
      exceptionTypes.every((type) => rule.exceptionTypes.includes(type)),
  );
}
