import type { Alias, Dialect, JsonAlias } from './dialect.ts';
import { FIELDS } from './dialect.ts';

/** One thing that a key can mean. */
export interface KeyRole {
  /** Index into `FIELDS`, or -1 for JSON text. */
  readonly field: number;
  /** Lower is believed first. */
  readonly rank: number;
  readonly dialect: number;
  readonly own: boolean;
  readonly whenKind: ReadonlySet<string> | undefined;
  readonly json:
    | readonly { readonly path: readonly string[]; readonly field: number }[]
    | undefined;
}

export interface KeyMeaning {
  readonly roles: readonly KeyRole[];
  /** Indexes of the dialects that only this key's presence gives away. */
  readonly fingerprintOf: readonly number[];
}

const NOTHING: KeyMeaning = { roles: [], fingerprintOf: [] };

/** Compiles dialects into a function from a key to all it can mean. */
export function compileKeyRoles(
  dialects: readonly Dialect[],
): (key: string) => KeyMeaning | undefined {
  const roles = new Map<string, KeyRole[]>();
  const exact = new Map<string, number[]>();
  const prefixes: { prefix: string; dialect: number }[] = [];
  let rank = 0;
  dialects.forEach((dialect, index) => {
    for (const [key, meaning] of Object.entries(dialect.attributes)) {
      append(roles, key, toRole(meaning, rank++, index));
    }
    for (const fingerprint of dialect.fingerprints ?? []) {
      if (fingerprint.endsWith('*'))
        prefixes.push({ prefix: fingerprint.slice(0, -1), dialect: index });
      else append(exact, fingerprint, index);
    }
  });
  return (key) => {
    const fingerprintOf = [...(exact.get(key) ?? [])];
    for (const { prefix, dialect } of prefixes)
      if (key.startsWith(prefix)) fingerprintOf.push(dialect);
    const found = roles.get(key);
    if (found === undefined && fingerprintOf.length === 0) return undefined;
    return { roles: found ?? NOTHING.roles, fingerprintOf };
  };
}

function toRole(meaning: Dialect['attributes'][string], rank: number, dialect: number): KeyRole {
  if (typeof meaning === 'string') return fieldRole({ field: meaning }, rank, dialect);
  return 'json' in meaning ? jsonRole(meaning, rank, dialect) : fieldRole(meaning, rank, dialect);
}

function fieldRole(alias: Alias, rank: number, dialect: number): KeyRole {
  return {
    field: FIELDS.indexOf(alias.field),
    rank,
    dialect,
    own: alias.own === true,
    whenKind: alias.whenKind === undefined ? undefined : new Set(alias.whenKind),
    json: undefined,
  };
}

function jsonRole(alias: JsonAlias, rank: number, dialect: number): KeyRole {
  const json = Object.entries(alias.json).map(([path, field]) => ({
    path: path.split('.'),
    field: FIELDS.indexOf(field),
  }));
  return { field: -1, rank, dialect, own: alias.own === true, whenKind: undefined, json };
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
