import type { Selectable } from 'kysely';

import type { Actor, AuditEntry, AuditLog, AuditRecord } from '../audit-log.ts';
import type { ControlDatabase, ControlSchema, ControlTransaction } from './schema.ts';

export function createAuditLog(database: ControlDatabase): AuditLog {
  return {
    append: (entry) => appendAudit(database, [entry]),

    async find(project, filter, { limit, beforeSequence }) {
      let query = database.selectFrom('audit_log').selectAll().where('project', '=', project);
      if (filter.action !== undefined) query = query.where('action', '=', filter.action);
      if (filter.actorId !== undefined) query = query.where('actor_id', '=', filter.actorId);
      if (filter.targetKind !== undefined)
        query = query.where('target_kind', '=', filter.targetKind);
      if (filter.targetId !== undefined) query = query.where('target_id', '=', filter.targetId);
      if (filter.fromMs !== undefined) query = query.where('at_ms', '>=', filter.fromMs);
      if (filter.toMs !== undefined) query = query.where('at_ms', '<', filter.toMs);
      if (beforeSequence !== undefined) query = query.where('sequence', '<', beforeSequence);
      const rows = await query.orderBy('sequence', 'desc').limit(limit).execute();
      return rows.map(fromRow);
    },
  };
}

/** Appends within the transaction of the change that the entries tell of. */
export async function appendAudit(
  database: ControlDatabase | ControlTransaction,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await database.insertInto('audit_log').values(entries.map(toRow)).execute();
}

/**
 * Makes a change and appends its entry, if it has one, in one transaction. Answers what `change` tells: whether there
 * was something to change; nothing is appended where there was not.
 */
export function changeAudited(
  database: ControlDatabase,
  entry: AuditEntry | undefined,
  change: (transaction: ControlTransaction) => Promise<boolean>,
): Promise<boolean> {
  return database.transaction().execute(async (transaction) => {
    const changed = await change(transaction);
    if (changed && entry !== undefined) await appendAudit(transaction, [entry]);
    return changed;
  });
}

function toRow(entry: AuditEntry) {
  return {
    project: entry.project,
    at_ms: entry.atMs,
    actor_kind: entry.actor.kind,
    actor_id: entry.actor.id,
    actor_name: entry.actor.name,
    action: entry.action,
    target_kind: entry.target.kind,
    target_id: entry.target.id,
    reason: entry.reason,
    detail_json: JSON.stringify(entry.detail),
  };
}

function fromRow(row: Selectable<ControlSchema['audit_log']>): AuditRecord {
  return {
    sequence: row.sequence,
    project: row.project,
    atMs: row.at_ms,
    actor: { kind: row.actor_kind as Actor['kind'], id: row.actor_id, name: row.actor_name },
    action: row.action,
    target: { kind: row.target_kind, id: row.target_id },
    reason: row.reason,
    detail: JSON.parse(row.detail_json) as AuditRecord['detail'],
  };
}
