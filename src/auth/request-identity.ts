import { AppError } from '../errors.ts';

/** The parts of a request that say who sends it: header values as received, undefined when absent. */
export interface RequestIdentity {
  readonly authorization?: string | undefined;
  /** The header `x-api-key`. */
  readonly apiKey?: string | undefined;
  readonly cookie?: string | undefined;
  readonly method: string;
  readonly origin?: string | undefined;
  readonly secFetchSite?: string | undefined;
  readonly host?: string | undefined;
}

export interface TelemetryIdentity {
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
  /** The peer of the connection: an IP address. */
  readonly remoteAddress: string | undefined;
  readonly origin?: string | undefined;
  readonly secFetchSite?: string | undefined;
  /** `forwarded` or `x-forwarded-for`: somebody else sends through this machine. */
  readonly forwarded?: string | undefined;
}

export type Credential =
  | { readonly kind: 'key'; readonly secret: string }
  | { readonly kind: 'token'; readonly secret: string }
  | { readonly kind: 'cookie'; readonly secret: string };

export const SESSION_COOKIE = 'signalbox_session';
const KEY_PREFIX = 'sbx_';
/** Longer is no credential of ours; a bound on what is hashed and parsed. */
const CREDENTIAL_LENGTH_MAX = 4_096;

/**
 * The one credential that counts: a header before the cookie, because programs mean their headers.
 * Undefined when there is none; a header that cannot be read throws `UNAUTHORIZED`, whatever else is there.
 */
export function credentialOf(request: RequestIdentity): Credential | undefined {
  if (request.authorization !== undefined) return parseAuthorization(request.authorization);
  if (request.apiKey !== undefined) return bearer(request.apiKey.trim());
  const secret = readCookie(request.cookie, SESSION_COOKIE);
  return secret === undefined ? undefined : { kind: 'cookie', secret };
}

function parseAuthorization(header: string): Credential {
  // Some exporters pass on what OTEL_EXPORTER_OTLP_HEADERS holds as it stands there, with the space encoded.
  const match = /^([a-z]+)(?: |%20)+(\S+)$/i.exec(header.trim());
  const scheme = match?.[1]?.toLowerCase();
  if (scheme === 'bearer') return bearer(match![2]!);
  if (scheme === 'basic') {
    const pair = Buffer.from(match![2]!, 'base64').toString('utf8');
    const secret = pair.slice(pair.indexOf(':') + 1);
    // A password belongs to POST /auth/login, where wrong ones are counted.
    if (secret.startsWith(KEY_PREFIX)) return bearer(secret);
    throw unreadable('with Basic, the password must be a key (sbx_…)');
  }
  throw unreadable('Authorization must be "Bearer" with a key or an access token');
}

function bearer(secret: string): Credential {
  if (secret === '' || secret.length > CREDENTIAL_LENGTH_MAX) {
    throw unreadable('the key or token is empty or too long');
  }
  return { kind: secret.startsWith(KEY_PREFIX) ? 'key' : 'token', secret };
}

const unreadable = (why: string): AppError =>
  new AppError('UNAUTHORIZED', `the credential cannot be read: ${why}`);

export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [key, ...rest] = part.trim().split('=');
    if (key !== name) continue;
    const value = rest.join('=');
    return value === '' || value.length > CREDENTIAL_LENGTH_MAX ? undefined : value;
  }
  return undefined;
}

/**
 * A browser sends the cookie along whoever made it send the request, so one that changes something must come from
 * our own pages. Throws `FORBIDDEN`.
 */
export function requireSameOrigin(request: RequestIdentity): void {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return;
  if (request.secFetchSite === 'same-origin') return;
  if (request.secFetchSite === undefined && isSameHost(request.origin, request.host)) return;
  throw new AppError('FORBIDDEN', 'a signed-in browser may change things only from our own pages');
}

function isSameHost(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined) return false;
  return origin === `http://${host}` || origin === `https://${host}`;
}

/** Whether a program on this machine sends it: no browser's page, and nobody behind a proxy. */
export function isFromThisMachine(request: TelemetryIdentity): boolean {
  return (
    isLoopback(request.remoteAddress) &&
    request.origin === undefined &&
    request.secFetchSite === undefined &&
    request.forwarded === undefined
  );
}

export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  return /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address) || address === '::1';
}
