import { sql, type Selectable } from 'kysely';

import type { Grant } from '../../model/approval.ts';
import type { GrantStore } from '../approval-store.ts';
import { appendAudit, changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

export function createGrantStore(database: ControlDatabase): GrantStore {
  return {
    create: (grant, entry) =>
      database.transaction().execute(async (transaction) => {
        await transaction.insertInto('grants').values(toRow(grant)).execute();
        await appendAudit(transaction, [entry]);
      }),

    async get(project, id) {
      const row = await database
        .selectFrom('grants')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async list(project, limit, activeAtMs) {
      let query = database.selectFrom('grants').selectAll().where('project', '=', project);
      if (activeAtMs !== undefined) {
        query = query
          .where('revoked_at_ms', 'is', null)
          .where('expires_at_ms', '>', activeAtMs)
          .where(sql<boolean>`(uses_max IS NULL OR uses < uses_max)`);
      }
      const rows = await query
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },

    async use(project, id, nowMs) {
      const result = await database
        .updateTable('grants')
        .set({ uses: sql`uses + 1` })
        .where('project', '=', project)
        .where('id', '=', id)
        .where('revoked_at_ms', 'is', null)
        .where('expires_at_ms', '>', nowMs)
        .where(sql<boolean>`(uses_max IS NULL OR uses < uses_max)`)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    revoke: (project, id, atMs, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .updateTable('grants')
          .set({ revoked_at_ms: atMs })
          .where('project', '=', project)
          .where('id', '=', id)
          .where('revoked_at_ms', 'is', null)
          .executeTakeFirst();
        return result.numUpdatedRows !== 0n;
      }),
  };
}

function toRow(grant: Grant): ControlSchema['grants'] {
  return {
    id: grant.id,
    project: grant.project,
    agent: grant.agent,
    tools_json: JSON.stringify(grant.tools),
    created_by: grant.createdBy,
    reason: grant.reason,
    created_at_ms: grant.createdAtMs,
    expires_at_ms: grant.expiresAtMs,
    uses_max: grant.usesMax,
    uses: grant.uses,
    revoked_at_ms: grant.revokedAtMs,
  };
}

function fromRow(row: Selectable<ControlSchema['grants']>): Grant {
  return {
    id: row.id,
    project: row.project,
    agent: row.agent,
    tools: JSON.parse(row.tools_json) as string[],
    createdBy: row.created_by,
    reason: row.reason,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    usesMax: row.uses_max,
    uses: row.uses,
    revokedAtMs: row.revoked_at_ms,
  };
}
