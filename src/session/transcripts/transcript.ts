import type { NewEvent } from '../session-event.ts';
import type { JsonObject } from '../../base/verifier.ts';

/** What a coding agent left of one session, as events in the order of the file. */
export interface Transcript {
  readonly sessionId: string;
  readonly provider: string;
  readonly agentName: string;
  readonly cwd: string;
  readonly parentSessionId: string;
  readonly parentEventId: string;
  readonly events: readonly NewEvent[];
}

/** What was not read, by reason, with how many there are of it. */
export type Unread = Map<string, number>;

export function countUnread(unread: Unread, reason: string): void {
  unread.set(reason, (unread.get(reason) ?? 0) + 1);
}

/** A line of a transcript; undefined where it is no JSON object. */
export type TranscriptLine = JsonObject | undefined;

/** ISO 8601 as nanoseconds since 1970 UTC; undefined for what is no time. */
export function timeNsOf(text: unknown): bigint | undefined {
  if (typeof text !== 'string') return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  // Digits beyond the milliseconds, which a Date does not hold.
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  const beyond = fraction.padEnd(9, '0').slice(3);
  return BigInt(ms) * 1_000_000n + BigInt(beyond);
}
