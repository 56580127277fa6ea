import type { Clock } from '../../base/clock.ts';
import { groupBy } from '../../base/group-by.ts';
import {
  SYSTEM_ACTOR,
  type Actor,
  type AuditLog,
  type JsonValue,
} from '../../storage/audit-log.ts';
import type { RetentionStore, StoredSpell } from '../../storage/retention-store.ts';
import type { SettingStore } from '../../storage/setting-store.ts';
import { isDue, retentionTerms, valuesCutoff, type RetentionTerms } from './retention-terms.ts';

const SETTING = 'retention';
/** Between a change of the terms and the first removal by them: a slip can be taken back. */
export const GRACE_MS = 3_600_000;

/** For so long a resource stays without anything that is of it: what is of it may be on its way into the store. */
const UNREFERRED_MS = 2 * 86_400_000;

/** After a start, so long until what was received before it is surely in the store. */
const REPLAYED_MS = 3_600_000;

/** Keeps what came for as long as it is to be kept, and removes the rest. */
export interface RetentionKeeper {
  terms(): RetentionTerms;
  /** From when on the terms remove anything, milliseconds since 1970 UTC. */
  inForceFromMs(): number;
  /** What is stored, oldest first, and whether the terms have it removed by now. */
  stored(): Promise<readonly (StoredSpell & { readonly due: boolean })[]>;
  set(terms: RetentionTerms, actor: Actor): Promise<void>;
  /** Removes what is due, each removal on the record. */
  pass(): Promise<void>;
}

interface RetentionKeeperOptions {
  readonly store: RetentionStore;
  readonly settings: SettingStore;
  readonly auditLog: Pick<AuditLog, 'append'>;
  /** Before anybody set others. */
  readonly usual: RetentionTerms;
  /** Whose audit log tells of it: telemetry of all projects is kept for as long. */
  readonly project: string;
  readonly clock: Clock;
}

export async function openRetentionKeeper(
  options: RetentionKeeperOptions,
): Promise<RetentionKeeper> {
  const { store, settings, auditLog, usual, project, clock } = options;
  // After an upgrade or a changed file nothing is removed at once either.
  let known = parse(await settings.get(project, SETTING)) ?? {
    terms: usual,
    changedAtMs: clock.now(),
  };
  const replayedAtMs = clock.now() + REPLAYED_MS;
  let hasUnreferred = false;
  const due = (spells: readonly StoredSpell[]): readonly StoredSpell[] =>
    spells.filter((spell) => isDue(spell, known.terms, clock.now()));

  const tell = (kind: string, removed: readonly StoredSpell[]): Promise<void> =>
    auditLog.append({
      project,
      atMs: clock.now(),
      actor: SYSTEM_ACTOR,
      action: 'retention.removed',
      target: { kind: 'retention', id: kind },
      reason: null,
      detail: {
        from: dayOf(Math.min(...removed.map(({ fromMs }) => fromMs))),
        to: dayOf(Math.max(...removed.map(({ toMs }) => toMs)) - 1),
        rows: sum(removed, 'rows'),
        bytes: sum(removed, 'bytes'),
      },
    });

  return {
    terms: () => known.terms,
    inForceFromMs: () => known.changedAtMs + GRACE_MS,

    async stored() {
      const spells = await store.list();
      const gone = new Set(due(spells));
      return spells.map((spell) => ({ ...spell, due: gone.has(spell) }));
    },

    async set(terms, actor) {
      const changed = { terms, changedAtMs: clock.now() };
      await settings.put(project, SETTING, changed, {
        project,
        atMs: changed.changedAtMs,
        actor,
        action: 'retention.changed',
        target: { kind: 'retention', id: 'terms' },
        reason: null,
        detail: { from: known.terms, to: terms },
      });
      known = changed;
    },

    async pass() {
      if (clock.now() < known.changedAtMs + GRACE_MS) return;
      const byKind = groupBy(due(await store.list()), ({ kind }) => kind);
      for (const [kind, spells] of byKind) {
        // Told first: what is on the record and stands there still is removed in the next pass.
        await tell(kind, spells);
        for (const spell of spells) await store.remove(spell);
      }
      const cutoff = valuesCutoff(known.terms, clock.now());
      const lost = ['spans', 'log_records'].some((kind) => byKind.has(kind as StoredSpell['kind']));
      if (lost && cutoff !== undefined) await store.removeValuesBefore(cutoff);
      hasUnreferred ||= lost || byKind.has('metrics');
      // What waited over a long stop has an old resource, and comes after it.
      if (!hasUnreferred || clock.now() < replayedAtMs) return;
      await store.removeUnreferred(clock.now() - UNREFERRED_MS);
      hasUnreferred = false;
    },
  };
}

function parse(
  value: JsonValue | undefined,
): { readonly terms: RetentionTerms; readonly changedAtMs: number } | undefined {
  if (typeof value !== 'object' || value === null || !('terms' in value)) return undefined;
  const terms = retentionTerms.safeParse(value['terms']).data;
  return terms && { terms, changedAtMs: Number(value['changedAtMs']) };
}

const sum = (spells: readonly StoredSpell[], what: 'rows' | 'bytes'): number =>
  spells.reduce((total, spell) => total + spell[what], 0);

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
