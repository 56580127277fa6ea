import { sql, type Selectable } from 'kysely';

import type { ApiKey, KeyStore } from '../key-store.ts';
import { appendAudit } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema, ControlTransaction } from './schema.ts';

export function createKeyStore(database: ControlDatabase): KeyStore {
  return {
    async create(key, secretHash, entry) {
      await database.transaction().execute(async (transaction) => {
        await transaction.insertInto('api_keys').values(toRow(key, secretHash)).execute();
        await appendAudit(transaction, [entry]);
      });
    },

    async getByHash(secretHash) {
      const row = await database
        .selectFrom('api_keys')
        .selectAll()
        .where('secret_hash', '=', secretHash)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async get(project, id) {
      const row = await database
        .selectFrom('api_keys')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async list(project, createdBy) {
      let query = database
        .selectFrom('api_keys')
        .selectAll()
        .where('project', '=', project)
        .where('revoked_at_ms', 'is', null);
      if (createdBy !== undefined) query = query.where('created_by', '=', createdBy);
      const rows = await query.orderBy('created_at_ms', 'desc').orderBy('id', 'desc').execute();
      return rows.map(fromRow);
    },

    revoke: (project, id, entry) =>
      database.transaction().execute(async (transaction) => {
        const result = await transaction
          .updateTable('api_keys')
          .set({ revoked_at_ms: entry.atMs })
          .where('project', '=', project)
          .where('id', '=', id)
          .where('revoked_at_ms', 'is', null)
          .executeTakeFirst();
        if (result.numUpdatedRows === 0n) return [];
        await appendAudit(transaction, [entry]);
        return [id, ...(await revokeMadeBy(transaction, id, entry.atMs))];
      }),

    async recordUse(id, atMs) {
      await database
        .updateTable('api_keys')
        .set({ last_used_at_ms: atMs })
        .where('id', '=', id)
        .where((or) => or.or([or('last_used_at_ms', 'is', null), or('last_used_at_ms', '<', atMs)]))
        .execute();
    },
  };
}

/** Revokes what a user or a key made, and what those keys made, and so on; answers the ids in byte order. */
export async function revokeMadeBy(
  transaction: ControlTransaction,
  creatorId: string,
  atMs: number,
): Promise<readonly string[]> {
  const result = await sql<{ id: string }>`
    WITH RECURSIVE made (id) AS (
      SELECT id FROM api_keys WHERE created_by = ${creatorId}
      UNION
      SELECT api_keys.id FROM api_keys JOIN made ON api_keys.created_by = made.id
    )
    UPDATE api_keys SET revoked_at_ms = ${atMs}
    WHERE id IN (SELECT id FROM made) AND revoked_at_ms IS NULL
    RETURNING id
  `.execute(transaction);
  return result.rows.map((row) => row.id).sort();
}

function toRow(key: ApiKey, secretHash: string): ControlSchema['api_keys'] {
  return {
    id: key.id,
    secret_hash: secretHash,
    project: key.project,
    label: key.label,
    prefix: key.prefix,
    scopes_json: JSON.stringify(key.scopes),
    created_by: key.createdBy,
    created_at_ms: key.createdAtMs,
    expires_at_ms: key.expiresAtMs,
    revoked_at_ms: key.revokedAtMs,
    last_used_at_ms: key.lastUsedAtMs,
  };
}

function fromRow(row: Selectable<ControlSchema['api_keys']>): ApiKey {
  return {
    id: row.id,
    project: row.project,
    label: row.label,
    prefix: row.prefix,
    scopes: JSON.parse(row.scopes_json) as string[],
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
  };
}
