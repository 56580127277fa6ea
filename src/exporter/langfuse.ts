import { setTimeout as sleep } from 'node:timers/promises';

import { messageOf } from '../errors.ts';

/** An event of Langfuse's ingestion API; the id makes sending it again harmless. */
export interface LangfuseEvent {
  readonly id: string;
  readonly type: 'trace-create' | 'span-create' | 'generation-create' | 'score-create';
  readonly timestamp: string;
  readonly body: object;
}

export interface LangfuseTarget {
  /** Of the server, without a path. */
  readonly host: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly timeoutMs: number;
}

export interface LangfuseResult {
  readonly accepted: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly messages: readonly string[];
}

/** Langfuse takes requests of up to 3.5 MB. */
const BATCH_BYTES_MAX = 3_000_000;
const BATCH_EVENTS_MAX = 500;
const ATTEMPTS_MAX = 4;
const RETRYABLE: readonly number[] = [429, 502, 503, 504];

/**
 * Sends events to `POST /api/public/ingestion`, which answers for each (207). Requests are repeated when nobody
 * answers or when told to be patient. https://api.reference.langfuse.com/#tag/ingestion
 */
export async function sendToLangfuse(
  target: LangfuseTarget,
  events: readonly LangfuseEvent[],
): Promise<LangfuseResult> {
  const messages = new Set<string>();
  let [accepted, rejected] = [0, 0];
  for (const batch of batchesOf(events)) {
    const answer = await post(target, batch);
    if (answer.kind === 'taken') {
      rejected += Math.min(answer.errors.length, batch.length);
      accepted += batch.length - Math.min(answer.errors.length, batch.length);
      for (const error of answer.errors.slice(0, 5)) messages.add(error);
      continue;
    }
    messages.add(answer.message);
    const left = events.length - accepted - rejected;
    const refused = answer.kind === 'refused';
    return {
      accepted,
      rejected: rejected + (refused ? left : 0),
      unanswered: refused ? 0 : left,
      messages: [...messages],
    };
  }
  return { accepted, rejected, unanswered: 0, messages: [...messages] };
}

function* batchesOf(events: readonly LangfuseEvent[]): Generator<LangfuseEvent[]> {
  let batch: LangfuseEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (batch.length > 0 && (bytes + size > BATCH_BYTES_MAX || batch.length >= BATCH_EVENTS_MAX)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

type Answer =
  | { readonly kind: 'taken'; readonly errors: readonly string[] }
  | { readonly kind: 'refused' | 'unanswered'; readonly message: string };

async function post(target: LangfuseTarget, batch: readonly LangfuseEvent[]): Promise<Answer> {
  const url = `${target.host.replace(/\/+$/, '')}/api/public/ingestion`;
  const pair = Buffer.from(`${target.publicKey}:${target.secretKey}`, 'utf8').toString('base64');
  const headers = { 'content-type': 'application/json', authorization: `Basic ${pair}` };
  for (let attempt = 1; ; attempt += 1) {
    let message: string;
    try {
      const signal = AbortSignal.timeout(target.timeoutMs);
      const body = JSON.stringify({ batch });
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal,
        redirect: 'manual',
      });
      const text = await response.text();
      if (response.ok) return { kind: 'taken', errors: errorsIn(text) };
      message = `${url} answered ${response.status}: ${text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300)}`;
      if (!RETRYABLE.includes(response.status)) return { kind: 'refused', message };
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      message = `${url} cannot be reached: ${messageOf(cause)}`;
    }
    if (attempt === ATTEMPTS_MAX) return { kind: 'unanswered', message };
    await sleep(500 * 2 ** (attempt - 1));
  }
}

function errorsIn(text: string): string[] {
  try {
    const answer = JSON.parse(text) as { errors?: { status?: number; message?: string }[] };
    return (answer.errors ?? []).map(
      (error) => `Langfuse: ${error.message ?? 'refused'} (${error.status ?? '?'})`,
    );
  } catch {
    return [];
  }
}
