import type { Clock } from '../../base/clock.ts';
import { randomId, type NewId } from '../../base/random-id.ts';
import { AppError } from '../../errors.ts';
import type { Grant } from '../../model/approval.ts';
import type { GrantStore } from '../../storage/approval-store.ts';
import type { Actor, AuditEntry } from '../../storage/audit-log.ts';
import { compileGlob, type NameTest } from '../../base/glob.ts';

export interface NewGrant {
  readonly agent: string;
  readonly tools: readonly string[];
  readonly durationMs: number;
  readonly usesMax?: number | undefined;
  readonly reason?: string | undefined;
}

/** Standing approvals, answered from memory but for those with a count of uses. */
export interface GrantBook {
  start(project: string): Promise<void>;
  /** A grant that covers the call, with the use counted; undefined when none does. */
  use(project: string, agent: string, tool: string): Promise<Grant | undefined>;
  /** The same without counting it. */
  covering(project: string, agent: string, tool: string): Grant | undefined;
  create(project: string, grant: NewGrant, actor: Actor): Promise<Grant>;
  /** Throws `NOT_FOUND`. */
  revoke(project: string, id: string, actor: Actor, reason?: string): Promise<Grant>;
  list(project: string, which: 'active' | 'all'): Promise<readonly Grant[]>;
}

/** Active grants; more are refused. */
const GRANTS_MAX = 10_000;
const DURATION_MS_MAX = 366 * 86_400_000;

interface Entry {
  readonly grant: Grant;
  readonly matchesAgent: NameTest;
  readonly matchesTool: readonly NameTest[];
}

export function createGrantBook(options: {
  readonly store: GrantStore;
  readonly clock: Clock;
  readonly newId?: NewId;
}): GrantBook {
  const { store, clock } = options;
  const entries = new Map<string, Entry>();
  const add = (grant: Grant): void => {
    const matchesTool = grant.tools.map(compileGlob);
    entries.set(grant.id, { grant, matchesAgent: compileGlob(grant.agent), matchesTool });
  };

  return {
    async start(project) {
      for (const grant of await store.list(project, GRANTS_MAX, clock.now())) add(grant);
    },

    async use(project, agent, tool) {
      for (const entry of entries.values()) {
        const { grant } = entry;
        if (grant.expiresAtMs <= clock.now()) {
          entries.delete(grant.id);
          continue;
        }
        if (!covers(entry, { project, agent, tool }, clock.now())) continue;
        if (grant.usesMax === null) return grant;
        if (await store.use(project, grant.id, clock.now())) return grant;
        entries.delete(grant.id);
      }
      return undefined;
    },

    covering: (project, agent, tool) =>
      [...entries.values()].find((entry) => covers(entry, { project, agent, tool }, clock.now()))
        ?.grant,

    async create(project, wanted, actor) {
      if (entries.size >= GRANTS_MAX) {
        throw new AppError('CONFLICT', `there are ${entries.size} grants; revoke some`);
      }
      const id = (options.newId ?? randomId)('grt');
      const grant = grantOf(wanted, { id, project, actor, nowMs: clock.now() });
      await store.create(grant, creationOf(grant, actor));
      add(grant);
      return grant;
    },

    async revoke(project, id, actor, reason) {
      const grant = await store.get(project, id);
      const atMs = clock.now();
      const revoked =
        grant !== undefined &&
        (await store.revoke(project, id, atMs, {
          project,
          atMs,
          actor,
          action: 'grant.revoked',
          target: { kind: 'grant', id },
          reason: reason ?? null,
          detail: { agent: grant.agent, tools: grant.tools },
        }));
      if (!revoked) throw new AppError('NOT_FOUND', `there is no grant ${id}, or it was revoked`);
      entries.delete(id);
      return { ...grant, revokedAtMs: atMs };
    },

    list: (project, which) =>
      store.list(project, GRANTS_MAX, which === 'active' ? clock.now() : undefined),
  };
}

function creationOf(grant: Grant, actor: Actor): AuditEntry {
  const { id, project, agent, tools, createdAtMs, expiresAtMs, usesMax, reason } = grant;
  return {
    project,
    atMs: createdAtMs,
    actor,
    action: 'grant.created',
    target: { kind: 'grant', id },
    reason,
    detail: { agent, tools, expires_at_ms: expiresAtMs, uses_max: usesMax },
  };
}

function covers(
  { grant, matchesAgent, matchesTool }: Entry,
  call: { readonly project: string; readonly agent: string; readonly tool: string },
  nowMs: number,
): boolean {
  return (
    grant.project === call.project &&
    grant.expiresAtMs > nowMs &&
    matchesAgent(call.agent) &&
    matchesTool.some((test) => test(call.tool))
  );
}

function grantOf(
  { agent, tools, durationMs, usesMax, reason }: NewGrant,
  about: {
    readonly id: string;
    readonly project: string;
    readonly actor: Actor;
    readonly nowMs: number;
  },
): Grant {
  if (!(durationMs > 0 && durationMs <= DURATION_MS_MAX)) {
    throw new AppError('VALIDATION_ERROR', 'a grant lasts from a moment up to a year');
  }
  return {
    id: about.id,
    project: about.project,
    agent,
    tools,
    createdBy: about.actor.name,
    reason: reason ?? null,
    createdAtMs: about.nowMs,
    expiresAtMs: about.nowMs + durationMs,
    usesMax: usesMax ?? null,
    uses: 0,
    revokedAtMs: null,
  };
}
