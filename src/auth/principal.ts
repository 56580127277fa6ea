import { AppError } from '../errors.ts';
import type { Actor } from '../storage/audit-log.ts';
import { holds, type Scope } from './scope.ts';

export const DEFAULT_PROJECT = 'default';

/** Who a request is. */
export interface Principal {
  /** `local` is a program on this machine that sent no credential. */
  readonly kind: 'user' | 'service' | 'api_key' | 'local' | 'system';
  readonly id: string;
  /** The username, or the key's label. */
  readonly name: string;
  readonly project: string;
  readonly scopes: readonly Scope[];
  /** When its credential ends; null when it does not. Milliseconds since 1970 UTC. */
  readonly expiresAtMs: number | null;
}

/** Signalbox itself, as when it makes the first key. */
export const SYSTEM_PRINCIPAL: Principal = {
  kind: 'system',
  id: 'system',
  name: 'Signalbox',
  project: DEFAULT_PROJECT,
  scopes: ['admin'],
  expiresAtMs: null,
};

export const LOCAL_PRINCIPAL: Principal = {
  kind: 'local',
  id: 'local',
  name: 'this machine',
  project: DEFAULT_PROJECT,
  scopes: ['telemetry:write'],
  expiresAtMs: null,
};

/** Throws `FORBIDDEN` when the principal does not hold the scope. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (holds(principal.scopes, scope)) return;
  throw new AppError(
    'FORBIDDEN',
    `${principal.name} does not hold the scope ${scope}; use a key or an account that does`,
  );
}

export function actorOf(principal: Principal): Actor {
  const kind = principal.kind === 'local' ? 'system' : principal.kind;
  return { kind, id: principal.id, name: principal.name };
}
