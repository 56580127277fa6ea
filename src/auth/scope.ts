import type { User } from '../storage/user-store.ts';

/** What a credential may do. `admin` includes all others. */
export const SCOPES = [
  'telemetry:write',
  'registry:read',
  'registry:write',
  'monitoring:read',
  'cost:read',
  'anomaly:read',
  'anomaly:write',
  'governance:read',
  'governance:write',
  'gateway:call',
  'gateway:link',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];

const MEMBER_SCOPES: readonly Scope[] = [
  'telemetry:write',
  'registry:read',
  'monitoring:read',
  'cost:read',
  'anomaly:read',
  'governance:read',
];

export function holds(held: readonly Scope[], scope: Scope): boolean {
  return held.includes(scope) || held.includes('admin');
}

/** A person's scopes follow from the role, a service account's were granted one by one. */
export function scopesOf(user: Pick<User, 'kind' | 'role' | 'scopes'>): readonly Scope[] {
  if (user.kind === 'service') return knownScopes(user.scopes);
  return user.role === 'admin' ? ['admin'] : MEMBER_SCOPES;
}

/** Leaves out what this version does not know, which therefore allows nothing. */
export function knownScopes(stored: readonly string[]): readonly Scope[] {
  return SCOPES.filter((scope) => stored.includes(scope));
}
