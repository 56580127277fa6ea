import { BENIGN_EXCEPTIONS, type NoiseRule } from './noise.ts';
import { serviceName, type ServiceIdentity } from './service-name.ts';
import { DEFAULT_SETTINGS, type Redact, type Settings, type SpanNames } from './shared-state.ts';

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';

const PROTOCOLS: readonly Protocol[] = ['grpc', 'http/protobuf', 'http/json'];
const SIGNALS = ['traces', 'metrics', 'logs'] as const;

export type SignalName = (typeof SIGNALS)[number];

/** All optional: what is left out is taken from the environment. */
export interface TelemetryOptions extends ServiceIdentity {
  /** `service.namespace` of the resource. */
  readonly namespace?: string | undefined;
  /** Base address of an OTLP receiver, e.g. `http://127.0.0.1:4318`. Without one, telemetry is off. */
  readonly endpoint?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly protocol?: Protocol | undefined;
  /** The share of traces to keep, 0 to 1. A caller's decision is followed. */
  readonly sampling?: number | undefined;
  readonly redact?: Redact | undefined;
  readonly captureContent?: boolean | undefined;
  readonly spanNames?: SpanNames | undefined;
  readonly noise?: readonly NoiseRule[] | undefined;
  readonly baggageHosts?: readonly string[] | undefined;
  readonly modelCallMsMax?: number | undefined;
  /** Milliseconds after which a span of an agent, a tool, a step or a message is closed as timed out; a day unless given. */
  readonly spanMsMax?: number | undefined;
  /** More attributes of the resource. */
  readonly resource?: Readonly<Record<string, string>> | undefined;
  /** Whether to send everything before the process ends of a signal or an error. True unless set. */
  readonly flushOnExit?: boolean | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the pipeline is built from. */
export interface PipelineOptions {
  readonly serviceName: string;
  readonly agent: string | undefined;
  readonly resource: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  /** Undefined for a signal that is not exported. */
  readonly urls: Readonly<Record<SignalName, string | undefined>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly sampling: number | undefined;
  readonly noise: readonly NoiseRule[];
  readonly metricIntervalMs: number;
  readonly spanDelayMs: number | undefined;
  readonly flushOnExit: boolean;
  readonly settings: Settings;
}

export type ResolvedTelemetry =
  | { readonly kind: 'on'; readonly options: PipelineOptions }
  | { readonly kind: 'off' }
  | { readonly kind: 'invalid'; readonly reason: string };

const METRIC_INTERVAL_MS = 15_000;
const SPAN_DELAY_MS = 1_000;

/**
 * What the options and the environment ask for together. Code outweighs the environment, but for one thing: an
 * `OTEL_EXPORTER_OTLP_ENDPOINT` that is set and empty turns telemetry off whatever the code says.
 */
export function resolveTelemetry(options: TelemetryOptions, env: Environment): ResolvedTelemetry {
  if (env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() === '') return { kind: 'off' };
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return { kind: 'off' };
  const protocol = options.protocol ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/protobuf';
  if (!isProtocol(protocol)) {
    return invalid(`the protocol ${JSON.stringify(protocol)} is none of ${PROTOCOLS.join(', ')}`);
  }
  const urls = urlsOf(options, protocol, env);
  const given = Object.values(urls).filter((url) => url !== undefined);
  if (given.length === 0) return { kind: 'off' };
  const wrong = given.find((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol));
  if (wrong !== undefined) {
    return invalid(`the endpoint ${JSON.stringify(wrong)} is no http or https address`);
  }
  const { sampling } = options;
  if (sampling !== undefined && !(sampling >= 0 && sampling <= 1)) {
    return invalid(`the sampling ${sampling} is not a share from 0 to 1`);
  }
  return { kind: 'on', options: pipelineOptions(options, protocol, urls, env) };
}

function pipelineOptions(
  options: TelemetryOptions,
  protocol: Protocol,
  urls: PipelineOptions['urls'],
  env: Environment,
): PipelineOptions {
  const identity = identityOf(options, env);
  const { agent } = identity;
  const namespace = options.namespace ?? env['SIGNALBOX_NAMESPACE'];
  return {
    serviceName: serviceName(identity) ?? env['OTEL_SERVICE_NAME'] ?? 'unknown_service:node',
    agent,
    resource: {
      ...(namespace ? { 'service.namespace': namespace } : {}),
      ...(agent ? { 'gen_ai.agent.name': agent } : {}),
      ...options.resource,
    },
    protocol,
    urls,
    headers: options.headers ?? {},
    sampling: options.sampling,
    noise: options.noise ?? BENIGN_EXCEPTIONS,
    metricIntervalMs: positive(env['OTEL_METRIC_EXPORT_INTERVAL']) ?? METRIC_INTERVAL_MS,
    spanDelayMs: env['OTEL_BSP_SCHEDULE_DELAY'] ? undefined : SPAN_DELAY_MS,
    flushOnExit: options.flushOnExit ?? true,
    settings: settingsOf(options, env),
  };
}

/** Code first, then the one name that the environment gives. */
function identityOf(options: TelemetryOptions, env: Environment): ServiceIdentity {
  const prefix = options.prefix ?? env['SIGNALBOX_SERVICE_PREFIX'];
  if (options.service || options.agent || options.channel) return { ...options, prefix };
  const agent = env['SIGNALBOX_AGENT'];
  const service = env['OTEL_SERVICE_NAME'];
  return { service, agent, channel: env['SIGNALBOX_CHANNEL'], prefix };
}

function settingsOf(options: TelemetryOptions, env: Environment): Settings {
  const names = env['OTEL_SEMCONV_STABILITY_OPT_IN']?.split(',').map((name) => name.trim());
  const current = names?.includes('gen_ai_latest_experimental') ? 'operation model' : undefined;
  const capture = env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.trim().toLowerCase();
  return {
    spanNames: options.spanNames ?? current ?? DEFAULT_SETTINGS.spanNames,
    captureContent:
      options.captureContent ?? ['true', 'span_only', 'span_and_event'].includes(capture ?? ''),
    redact: options.redact,
    modelCallMsMax: options.modelCallMsMax ?? DEFAULT_SETTINGS.modelCallMsMax,
    spanMsMax: options.spanMsMax ?? DEFAULT_SETTINGS.spanMsMax,
    baggageHosts: options.baggageHosts ?? list(env['SIGNALBOX_BAGGAGE_HOSTS']),
  };
}

function urlsOf(
  options: TelemetryOptions,
  protocol: Protocol,
  env: Environment,
): PipelineOptions['urls'] {
  const base = options.endpoint?.trim() || env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim();
  const urlOf = (signal: SignalName): string | undefined => {
    if (env[`OTEL_${signal.toUpperCase()}_EXPORTER`]?.trim() === 'none') return undefined;
    const own = env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`]?.trim();
    if (own && !options.endpoint) return own;
    if (!base) return undefined;
    return protocol === 'grpc' ? base : `${base.replace(/\/+$/, '')}/v1/${signal}`;
  };
  return { traces: urlOf('traces'), metrics: urlOf('metrics'), logs: urlOf('logs') };
}

function isProtocol(text: string): text is Protocol {
  return (PROTOCOLS as readonly string[]).includes(text);
}

function invalid(reason: string): ResolvedTelemetry {
  return { kind: 'invalid', reason };
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text);
  return number > 0 ? number : undefined;
}

function list(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
