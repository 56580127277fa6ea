import { AppError } from '../errors.ts';
import { findSession, listSessions } from './read-session.ts';
import type { Session, SessionFolders } from './read-session.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DAY_MS = 86_400_000;

/** `7d`, `24h`, `2w` before now, a date (in UTC), or a time with its offset; milliseconds since 1970. */
export function parseSince(text: string, nowMs: number): number {
  const back = /^(\d{1,5})([mhdw])$/.exec(text);
  if (back !== null) return nowMs - Number(back[1]) * UNIT_MS[back[2]!]!;
  return parseTime(text);
}

/** The end of a range, which the date named still belongs to: the last millisecond of the day. */
export function parseUntil(text: string, nowMs: number): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseTime(text) + DAY_MS - 1 : parseSince(text, nowMs);
}

function parseTime(text: string): number {
  const known =
    /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const ms = known ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new AppError(
    'VALIDATION_ERROR',
    `${JSON.stringify(text)} is no time; write 7d, 24h, 2026-01-31 or 2026-01-31T12:00:00Z`,
  );
}

export interface SessionChoice {
  readonly id?: string | undefined;
  readonly all?: boolean | undefined;
  /** Milliseconds since 1970, both ends included; of when a session started. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** The sessions that are meant, each with its sub-agents' after it: one by its id, those of a time, or the latest. */
export function selectSessions(folders: SessionFolders, choice: SessionChoice): Session[] {
  const { id, all, sinceMs, untilMs } = choice;
  if (id !== undefined && (all || sinceMs !== undefined || untilMs !== undefined)) {
    throw new AppError('VALIDATION_ERROR', 'name one session, or a time, but not both');
  }
  const sessions = listSessions(folders);
  const several = all === true || sinceMs !== undefined || untilMs !== undefined;
  const tops = several
    ? topSessions(sessions).filter(({ meta }) => {
        const startMs = Number(BigInt(meta.started_at_ns) / 1_000_000n);
        return startMs >= (sinceMs ?? -Infinity) && startMs <= (untilMs ?? Infinity);
      })
    : [findSession(folders, id)];
  const children = new Map<string, Session[]>();
  for (const session of sessions) {
    const parent = session.meta.parent_session_id;
    children.set(parent, [...(children.get(parent) ?? []), session]);
  }
  const seen = new Set<string>();
  const withChildren = (session: Session): Session[] => {
    if (seen.has(session.id)) return [];
    seen.add(session.id);
    return [session, ...(children.get(session.id) ?? []).flatMap(withChildren)];
  };
  return tops.flatMap(withChildren);
}

/** The sessions that nothing started, or nothing that is still here. */
export const topSessions = (sessions: readonly Session[]): Session[] => {
  const ids = new Set(sessions.map(({ id }) => id));
  return sessions.filter(({ meta }) => !ids.has(meta.parent_session_id));
};
