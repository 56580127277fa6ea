import { AppError } from '../errors.ts';
import type { Signal } from '../model/signal.ts';

export type Protocol = 'http/json' | 'http/protobuf';
export type Compression = 'gzip' | 'none';

/** Where one signal's requests go, and how. */
export interface OtlpTarget {
  /** The whole URL, path included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  readonly compression: Compression;
  /** Of one attempt. */
  readonly timeoutMs: number;
}

/** What a user gives; what is undefined comes from the environment, then from the defaults. */
export interface OtlpTargetOptions {
  /** A base address: the signal's path is added, as the specification has it. */
  readonly endpoint?: string | undefined;
  /** Where exactly to send; the signal's path is added only where the URL has none. */
  readonly exactUrl?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly protocol?: Protocol | undefined;
  readonly compression?: Compression | undefined;
  readonly timeoutMs?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 10_000;

/**
 * The target that options and `OTEL_EXPORTER_OTLP_*` name, options first; undefined when neither names an address.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function otlpTargetOf(
  signal: Signal,
  options: OtlpTargetOptions,
  env: Environment = {},
): OtlpTarget | undefined {
  const setting = (name: string): string | undefined =>
    env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`] ||
    env[`OTEL_EXPORTER_OTLP_${name}`] ||
    undefined;
  const url = urlOf(signal, options, env);
  if (url === undefined) return undefined;
  const credentials = credentialsOf(url);
  return {
    url: url.href,
    headers: {
      ...credentials,
      ...parseHeaderList(env['OTEL_EXPORTER_OTLP_HEADERS'] ?? ''),
      ...parseHeaderList(env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_HEADERS`] ?? ''),
      ...lowerCased(options.headers ?? {}),
    },
    protocol: options.protocol ?? protocolOf(setting('PROTOCOL')) ?? protocolOfBackend(url),
    compression: options.compression ?? (setting('COMPRESSION') === 'none' ? 'none' : 'gzip'),
    timeoutMs: options.timeoutMs ?? positive(setting('TIMEOUT')) ?? TIMEOUT_MS,
  };
}

function urlOf(signal: Signal, options: OtlpTargetOptions, env: Environment): URL | undefined {
  if (options.exactUrl !== undefined) {
    const url = parseUrl(options.exactUrl);
    return url.pathname === '/' ? withPath(url, signal) : url;
  }
  if (options.endpoint !== undefined) return withPath(parseUrl(options.endpoint), signal);
  const exact = env[`OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`];
  if (exact) return parseUrl(exact);
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return base ? withPath(parseUrl(base), signal) : undefined;
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new AppError(
      'VALIDATION_ERROR',
      `${JSON.stringify(text)} is no address to send to; write one such as http://localhost:4318`,
    );
  }
  return url;
}

/** Splunk's ingest takes traces under a path of its own, and in protocol buffers alone. */
const SPLUNK_HOST = /^ingest\.[\w-]+\.(?:signalfx\.com|observability\.splunkcloud\.com)$/;

function withPath(base: URL, signal: Signal): URL {
  const url = new URL(base);
  const path = url.pathname.replace(/\/+$/, '');
  // Who gives the whole path means it.
  if (path.endsWith(`/v1/${signal}`)) return url;
  const own = SPLUNK_HOST.test(url.hostname) && path === '' && signal === 'traces';
  url.pathname = own ? '/v2/trace/otlp' : `${path}/v1/${signal}`;
  return url;
}

const protocolOfBackend = (url: URL): Protocol =>
  SPLUNK_HOST.test(url.hostname) ? 'http/protobuf' : 'http/json';

/** `grpc` in the environment is meant for SDKs; the address then is one for gRPC, and refuses us aloud. */
function protocolOf(text: string | undefined): Protocol | undefined {
  return text === 'http/protobuf' || text === 'http/json' ? text : undefined;
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/** Takes credentials out of the address, which `fetch` would refuse, to where they belong. */
function credentialsOf(url: URL): Record<string, string> {
  if (url.username === '' && url.password === '') return {};
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** `k1=v1,k2=v2` with values in percent encoding, as W3C Baggage has it; a raw space is forgiven. */
export function parseHeaderList(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const item of text.split(',')) {
    const at = item.indexOf('=');
    if (at <= 0) continue;
    const value = item.slice(at + 1).trim();
    headers[item.slice(0, at).trim().toLowerCase()] = decoded(value);
  }
  return headers;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** `Name: value`, split at the first colon, as `curl --header` takes it. */
export function parseHeaderLine(line: string): readonly [string, string] {
  const at = line.indexOf(':');
  const name = line.slice(0, at).trim();
  if (at <= 0 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new AppError(
      'VALIDATION_ERROR',
      `${JSON.stringify(line)} is no header; write one such as "x-api-key: KEY"`,
    );
  }
  return [name.toLowerCase(), line.slice(at + 1).trim()];
}
