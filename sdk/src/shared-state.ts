import { OpenSpans } from './open-spans.ts';

/** Changes captured text before it is put on a span; what it returns is recorded instead. */
export type Redact = (text: string, attribute: string) => string;

/** How model calls are named: the fixed name `gen_ai.chat`, or the current convention's `chat {model}`. */
export type SpanNames = 'gen_ai.chat' | 'operation model';

/** What the instrumentation asks at each call. */
export interface Settings {
  readonly spanNames: SpanNames;
  /** Whether prompts, answers, tool arguments and results are recorded. */
  readonly captureContent: boolean;
  readonly redact: Redact | undefined;
  /** A model call that is open for longer is closed as timed out. */
  readonly modelCallMsMax: number;
  /** Any other span of this package, of an agent, a tool or a message, that is open for longer. */
  readonly spanMsMax: number;
  /** Hosts, besides this one, whose baggage is believed and to which ours is sent. */
  readonly baggageHosts: readonly string[];
}

export const DEFAULT_SETTINGS: Settings = {
  spanNames: 'gen_ai.chat',
  captureContent: false,
  redact: undefined,
  modelCallMsMax: 600_000,
  spanMsMax: 86_400_000,
  baggageHosts: [],
};

/** Telemetry that was started; `off` is a handle that does nothing. */
export interface Telemetry {
  readonly kind: 'on' | 'off';
  /** Undefined when off. */
  readonly serviceName: string | undefined;
  /** Sends what has ended so far. Never rejects. */
  flush(): Promise<void>;
  /** Closes the spans that are open, sends everything and stops. Never rejects. */
  shutdown(): Promise<void>;
}

interface SharedState {
  settings: Settings;
  telemetry: Telemetry | undefined;
  readonly openSpans: OpenSpans;
  readonly warned: Set<string>;
}

const KEY = Symbol.for('signalbox.sdk.1');

/** One state for the process, even when both the ES modules and the CommonJS of this package are loaded. */
export const shared: SharedState = ((globalThis as Record<symbol, unknown>)[KEY] ??= {
  settings: DEFAULT_SETTINGS,
  telemetry: undefined,
  openSpans: new OpenSpans(),
  warned: new Set<string>(),
}) as SharedState;

/** Whether the user's code asked for telemetry and the environment turned it off: then nothing is recorded. */
export function isOff(): boolean {
  return shared.telemetry?.kind === 'off';
}

/** Tells the user once for each `topic`; telemetry never fails the program that it watches. */
export function warnOnce(topic: string, message: string): void {
  if (shared.warned.has(topic)) return;
  shared.warned.add(topic);
  process.emitWarning(message, { type: 'SignalboxWarning', code: `SIGNALBOX_${topic}` });
}
