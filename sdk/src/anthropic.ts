import { once } from './instrumented.ts';
import { watchMethods, type ModelMethod } from './stainless-client.ts';

const METHODS: readonly ModelMethod[] = [
  { path: 'messages.create', operation: 'chat' },
  { path: 'beta.messages.create', operation: 'chat' },
];

/** The parts of a client of `@anthropic-ai/sdk` that are looked at. */
export interface AnthropicClient {
  readonly baseURL: string;
}

type Copying<T> = T & { withOptions?: (options: { openTelemetry: false }) => T };

/**
 * A client whose model calls are watched. Newer versions of the package emit a span of their own for each call;
 * then it is a copy with those turned off, since a call must not be told of twice. Use what is returned.
 */
export function instrumentAnthropic<T extends AnthropicClient>(client: T): T {
  const own = 'openTelemetry' in client ? (client as Copying<T>).withOptions : undefined;
  const silent = own?.call(client, { openTelemetry: false }) ?? client;
  return once(silent, () => watchMethods(silent, METHODS, () => silent.baseURL));
}
