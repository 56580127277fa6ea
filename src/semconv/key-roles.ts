import type { Dialect, Meaning, PartRule } from './dialect.ts';
import { FIELDS } from './dialect.ts';

/** A place in JSON text and the field that it fills. */
export interface JsonPath {
  readonly steps: readonly string[];
  /** Index into `FIELDS`. */
  readonly field: number;
}

/** One thing that a key can mean. */
export interface KeyRole {
  /** Index into `FIELDS`, or -1 for JSON text. */
  readonly field: number;
  /** Lower is believed first; no two roles have the same. */
  readonly rank: number;
  readonly dialect: number;
  /** Holds only on spans of `dialect`. */
  readonly own: boolean;
  readonly whenKind: ReadonlySet<string> | undefined;
  readonly json: readonly JsonPath[] | undefined;
  readonly cachedInput: PartRule | undefined;
  readonly reasoningOutput: PartRule | undefined;
  readonly totalHoldsAll: boolean;
}

/** All that a key can mean. */
export interface KeyMeaning {
  /** The field that it fills on every span, as an index into `FIELDS`; -1 when there is none. */
  readonly field: number;
  readonly rank: number;
  /** What it means besides, on some spans. */
  readonly others: readonly KeyRole[];
  /** The dialect that the key's presence tells, or -1. */
  readonly telling: number;
}

export interface KeyRoles {
  /** `undefined` when the key means nothing to any dialect. */
  readonly meaningOf: (key: string) => KeyMeaning | undefined;
  readonly byRank: readonly KeyRole[];
}

interface Entry {
  readonly key: string;
  readonly meaning: Meaning;
  readonly dialect: number;
}

/** Compiles dialects into a function from a key to all it can mean. */
export function compileKeyRoles(dialects: readonly Dialect[]): KeyRoles {
  const entries = dialects.flatMap((dialect, index) =>
    Object.entries(dialect.attributes).flatMap(([key, value]) =>
      meaningsOf(value).map((meaning): Entry => ({ key, meaning, dialect: index })),
    ),
  );
  const ordered = (['first', undefined, 'last'] as const).flatMap((believed) =>
    entries.filter(({ meaning }) => meaning.believed === believed),
  );
  const byRank = ordered.map((entry, rank) => toRole(entry, rank, dialects[entry.dialect]!));
  const roles = new Map<string, KeyRole[]>();
  ordered.forEach(({ key }, rank) => {
    roles.set(key, [...(roles.get(key) ?? []), byRank[rank]!]);
  });
  const tells = compileFingerprints(dialects);
  return {
    byRank,
    meaningOf: (key) => {
      const found = roles.get(key) ?? [];
      const telling = tells(key);
      return found.length === 0 && telling === -1 ? undefined : toMeaning(found, telling);
    },
  };
}

/** The meanings that a dialect gives one key, in its order. */
export function meaningsOf(value: Dialect['attributes'][string]): readonly Meaning[] {
  if (typeof value === 'string') return [{ field: value }];
  return 'length' in value ? value : [value];
}

function toMeaning(roles: readonly KeyRole[], telling: number): KeyMeaning {
  const main = roles.find(isUnconditional);
  return {
    field: main?.field ?? -1,
    rank: main?.rank ?? 0,
    // What the same key means again for the same field, and later, can never win.
    others: roles.filter(
      (role) => role !== main && !(isUnconditional(role) && role.field === main?.field),
    ),
    telling,
  };
}

function isUnconditional(role: KeyRole): boolean {
  return role.json === undefined && role.whenKind === undefined && !role.own;
}

function toRole({ meaning, dialect }: Entry, rank: number, owner: Dialect): KeyRole {
  return {
    field: 'json' in meaning ? -1 : FIELDS.indexOf(meaning.field),
    rank,
    dialect,
    own: meaning.own === true,
    whenKind: meaning.whenKind === undefined ? undefined : new Set(meaning.whenKind),
    json: 'json' in meaning ? Object.entries(meaning.json).map(toPath) : undefined,
    cachedInput: meaning.cachedInput ?? owner.cachedInput,
    reasoningOutput: owner.reasoningOutput,
    totalHoldsAll: owner.totalHoldsAll === true,
  };
}

function toPath([path, field]: [string, (typeof FIELDS)[number]]): JsonPath {
  return { steps: path.split('.'), field: FIELDS.indexOf(field) };
}

function compileFingerprints(dialects: readonly Dialect[]): (key: string) => number {
  const exact = new Map<string, number>();
  const prefixes: [string, number][] = [];
  dialects.forEach((dialect, index) => {
    for (const fingerprint of dialect.fingerprints ?? []) {
      if (fingerprint.endsWith('*')) prefixes.push([fingerprint.slice(0, -1), index]);
      else exact.set(fingerprint, index);
    }
  });
  return (key) => {
    let telling = exact.get(key) ?? -1;
    for (const [prefix, dialect] of prefixes) {
      if (dialect > telling && key.startsWith(prefix)) telling = dialect;
    }
    return telling;
  };
}
