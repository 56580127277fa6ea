import { isDeeperThan } from '../../base/is-deeper-than.ts';
import type { Governor } from '../govern.ts';
import type { UnseenCall } from '../tool-call.ts';

/** Of a whole message: arguments may be nested as deep as over HTTP, and stand within it. */
export const MESSAGE_LEVELS_MAX = 72;
/** Of calls in one message that are recorded one by one. */
const BATCH_MAX = 100;
const NAME_CHARACTERS_MAX = 512;

export const TOO_DEEP = `the message is nested more than ${MESSAGE_LEVELS_MAX} deep; pass deep content as text`;

/**
 * Whether a message is too deep for what calls itself to read it; asked before anything does. Its calls are recorded as
 * refused, as one over HTTP is.
 */
export function refuseDeep(
  governor: Pick<Governor, 'refuse'>,
  origin: Omit<UnseenCall, 'tool'>,
  body: unknown,
): boolean {
  if (!isDeeperThan(body, MESSAGE_LEVELS_MAX)) return false;
  const messages = Array.isArray(body) ? (body as unknown[]).slice(0, BATCH_MAX) : [body];
  for (const message of messages) {
    const { method, params } = objectOf(message);
    const { name } = objectOf(params);
    if (method !== 'tools/call' || typeof name !== 'string') continue;
    if (!isDeeperThan(message, MESSAGE_LEVELS_MAX)) continue;
    governor.refuse({ ...origin, tool: name.slice(0, NAME_CHARACTERS_MAX) }, TOO_DEEP);
  }
  return true;
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
