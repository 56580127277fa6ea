import { hash } from 'node:crypto';

/** How ids of sessions and events become ids of traces and spans: one rule, for exports and for what is passed on. */

const hexOf = (text: string, digits: number): string =>
  hash('sha256', text, 'hex').slice(0, digits);

/** The trace of a session; sub-agents' sessions are in the trace of the one that started it all. */
export const traceIdOf = (sessionId: string): string => hexOf(sessionId, 32);

export const rootSpanIdOf = (sessionId: string): string => hexOf(`root-${sessionId}`, 16);

export const spanIdOf = (eventId: string): string => hexOf(eventId, 16);

/** W3C `traceparent` for what an event of a session causes elsewhere; without an event, the session. */
export function traceparentOf(sessionId: string, eventId?: string): string {
  const span = eventId === undefined ? rootSpanIdOf(sessionId) : spanIdOf(eventId);
  return `00-${traceIdOf(sessionId)}-${span}-01`;
}

/** The id of an event that another program named: the same each time, so that reading it again makes no second one. */
export const eventIdOf = (sessionId: string, name: string): string =>
  hexOf(`${sessionId}/${name}`, 16);

/** A session id that can be a folder's name, from whatever a program calls its sessions. */
export function sessionIdOf(name: string): string {
  return /^[A-Za-z0-9][\w.-]{0,127}$/.test(name) ? name : hexOf(name, 32);
}
