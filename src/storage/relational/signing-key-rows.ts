import type { Selectable } from 'kysely';

import type { SigningKey, SigningKeyStore } from '../signing-key-store.ts';
import { appendAudit } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

export function createSigningKeyStore(database: ControlDatabase): SigningKeyStore {
  return {
    async list(nowMs) {
      const rows = await database
        .selectFrom('signing_keys')
        .selectAll()
        .where((or) =>
          or.or([or('verifies_until_ms', 'is', null), or('verifies_until_ms', '>', nowMs)]),
        )
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return rows.map(fromRow);
    },

    async createFirst(key) {
      await database.transaction().execute(async (transaction) => {
        const present = await transaction
          .selectFrom('signing_keys')
          .select('id')
          .where('retired_at_ms', 'is', null)
          .executeTakeFirst();
        if (present !== undefined) return;
        await transaction.insertInto('signing_keys').values(toRow(key)).execute();
      });
    },

    async rotate(key, verifiesUntilMs, entry) {
      await database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('signing_keys')
          .set({ retired_at_ms: entry.atMs })
          .where('retired_at_ms', 'is', null)
          .execute();
        await transaction
          .updateTable('signing_keys')
          .set({ verifies_until_ms: verifiesUntilMs })
          .where((or) =>
            or.or([
              or('verifies_until_ms', 'is', null),
              or('verifies_until_ms', '>', verifiesUntilMs),
            ]),
          )
          .execute();
        await transaction.insertInto('signing_keys').values(toRow(key)).execute();
        await transaction
          .deleteFrom('signing_keys')
          .where('verifies_until_ms', '<=', entry.atMs)
          .execute();
        await appendAudit(transaction, [entry]);
      });
    },
  };
}

function toRow(key: SigningKey): ControlSchema['signing_keys'] {
  return {
    id: key.id,
    secret: key.secret,
    created_at_ms: key.createdAtMs,
    retired_at_ms: key.retiredAtMs,
    verifies_until_ms: key.verifiesUntilMs,
  };
}

function fromRow(row: Selectable<ControlSchema['signing_keys']>): SigningKey {
  return {
    id: row.id,
    secret: row.secret,
    createdAtMs: row.created_at_ms,
    retiredAtMs: row.retired_at_ms,
    verifiesUntilMs: row.verifies_until_ms,
  };
}
