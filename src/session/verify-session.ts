import { genesisOf } from './session-event.ts';
import { readEventLines, readHead, readNextHead } from './read-session.ts';
import type { Session } from './read-session.ts';
import { genesisHashOf, sha256, walkChain } from '../base/verifier.ts';
import type { Break, JsonObject } from '../base/verifier.ts';

export interface SessionVerdict {
  readonly session_id: string;
  /** Null where the files prove nothing either way: agent-strace's have no signature. */
  readonly ok: boolean | null;
  readonly total_events: number;
  /** Events whose content is gone while its hash proves that it was there. */
  readonly erased_events: number;
  readonly broken_at: number | null;
  readonly broken_event_id: string | null;
  readonly reason: string;
  /** Who signed; '' when nobody did. */
  readonly public_key: string;
}

/** Recomputes every hash of a session and the signature of its head. `knownKey` is who must have signed. */
export function verifySession(session: Session, knownKey?: string): SessionVerdict {
  if (session.foreign) return verifyForeign(session);
  const genesisHash = genesisHashOf(genesisOf(session.meta) as unknown as JsonObject);
  const walk = walkChain(session.id, genesisHash);
  let found: Break | undefined;
  if (session.meta.session_id !== session.id) {
    found = { seq: 0, event_id: '', reason: 'meta.json is of another session' };
  }
  let erased = 0;
  for (const { raw } of readEventLines(session)) {
    found ??= walk.step(raw);
    if (raw !== undefined && raw['data'] === undefined) erased += 1;
  }
  const head = readHead(session);
  const next = readNextHead(session);
  // A process that ended between writing its events and its head left the head beside.
  const last = next !== undefined && next.count === walk.count ? next : head;
  found ??= walk.end(last);
  if (found === undefined && knownKey !== undefined && last!.public_key !== knownKey) {
    found = { seq: 0, event_id: '', reason: `it is signed with the key ${last!.public_key}` };
  }
  return {
    session_id: session.id,
    ok: found === undefined,
    total_events: walk.count,
    erased_events: erased,
    broken_at: found?.seq ?? null,
    broken_event_id: found?.event_id ?? null,
    reason: found?.reason ?? '',
    public_key: last?.public_key ?? '',
  };
}

/** agent-strace chains the raw lines, unsigned: a break is found, but that there is none proves nothing. */
function verifyForeign(session: Session): SessionVerdict {
  let previous = '';
  let count = 0;
  let found: Break | undefined;
  for (const { raw, text, event } of readEventLines(session)) {
    count += 1;
    const told = raw?.['prev_hash'];
    if (found === undefined && typeof told === 'string' && told !== previous) {
      found = {
        seq: count,
        event_id: event?.id ?? '',
        reason: 'it does not follow the line before it',
      };
    }
    previous = sha256(text);
  }
  return {
    session_id: session.id,
    ok: found === undefined ? null : false,
    total_events: count,
    erased_events: 0,
    broken_at: found?.seq ?? null,
    broken_event_id: found?.event_id ?? null,
    reason:
      found?.reason ??
      'agent-strace does not sign its sessions, so an end that was cut off or rewritten cannot be seen',
    public_key: '',
  };
}
