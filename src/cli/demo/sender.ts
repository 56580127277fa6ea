import { setTimeout as sleep } from 'node:timers/promises';

import { AppError, messageOf } from '../../errors.ts';

export interface SenderOptions {
  /** Address of the server, without a trailing slash. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const REQUEST_TIMEOUT_MS = 30_000;
const ATTEMPTS_MAX = 6;
/** What OTLP lets a client send again: the server asks for patience, or a proxy before it does. */
const RETRYABLE = [429, 502, 503, 504];

const PATIENCE_MS_MAX = 30_000;

function retryAfterMs(response: Response): number {
  const header = response.headers.get('retry-after');
  const seconds = header === null ? 1 : Number(header);
  return Math.min(seconds >= 0 ? seconds * 1000 : 1000, PATIENCE_MS_MAX);
}

/** Waits, and tells whether the time passed; false when `signal` aborted first. */
export async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(delayMs, undefined, signal ? { signal } : {});
    return true;
  } catch {
    return false;
  }
}

function refusal(status: number, { key, url }: SenderOptions, answer: string): AppError {
  if (status === 401 || status === 403) {
    const code = status === 401 ? 'UNAUTHORIZED' : 'FORBIDDEN';
    return new AppError(
      code,
      `${url} ${key === undefined ? 'wants a key' : 'refuses the key'} (${status}). Give one that may write telemetry with --key; the first start printed one, and an administrator can make more.`,
    );
  }
  if (status === 404) {
    return new AppError(
      'NOT_FOUND',
      `${url} is not a Signalbox: it has no such page. Name its address with --url.`,
    );
  }
  return new AppError(
    RETRYABLE.includes(status) ? 'SERVER_UNREACHABLE' : 'TELEMETRY_MALFORMED',
    `${url} answered ${status}: ${answer.slice(0, 300)}`,
  );
}

/** Posts one OTLP/JSON request and tries again, a bounded number of times, when the server asks for patience. */
export async function post(path: string, body: object, options: SenderOptions): Promise<void> {
  const url = `${options.url}${path}`;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (options.key !== undefined) headers['authorization'] = `Bearer ${options.key}`;
  for (let attempt = 1; ; attempt += 1) {
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    let response: Response;
    try {
      response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
    } catch (cause) {
      if (options.signal?.aborted) return;
      const reason =
        cause instanceof Error && cause.cause ? messageOf(cause.cause) : messageOf(cause);
      throw new AppError(
        'SERVER_UNREACHABLE',
        `No Signalbox answers at ${options.url} (${reason}). Start one with \`signalbox serve\`, or name its address with --url.`,
        { cause },
      );
    }
    const answer = await response.text();
    if (response.ok) return;
    if (!RETRYABLE.includes(response.status) || attempt === ATTEMPTS_MAX) {
      throw refusal(response.status, options, answer);
    }
    if (!(await pause(retryAfterMs(response), options.signal))) return;
  }
}
