import type { Selectable } from 'kysely';

import type { User, UserStore } from '../user-store.ts';
import { appendAudit, changeAudited } from './audit-rows.ts';
import { revokeMadeBy } from './key-rows.ts';
import type { ControlDatabase, ControlSchema, ControlTransaction } from './schema.ts';

export function createUserStore(database: ControlDatabase): UserStore {
  return {
    create: (user, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .insertInto('users')
          .values(toRow(user))
          .onConflict((conflict) => conflict.column('username_folded').doNothing())
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows !== 0n;
      }),

    ...reads(database),

    changePassword: (id, passwordHash, entry) =>
      database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('users')
          .set({ password_hash: passwordHash })
          .where('id', '=', id)
          .execute();
        await endSessions(transaction, id);
        await appendAudit(transaction, [entry]);
      }),

    remove: (project, id, entry) =>
      changeAudited(database, entry, async (transaction) => {
        await endSessions(transaction, id);
        const result = await transaction
          .deleteFrom('users')
          .where('project', '=', project)
          .where('id', '=', id)
          .executeTakeFirst();
        if (result.numDeletedRows === 0n) return false;
        await revokeMadeBy(transaction, id, entry.atMs);
        return true;
      }),
  };
}

function reads(
  database: ControlDatabase,
): Pick<UserStore, 'get' | 'getByUsername' | 'list' | 'countAdmins'> {
  return {
    async get(id) {
      const row = await database
        .selectFrom('users')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async getByUsername(username) {
      const row = await database
        .selectFrom('users')
        .selectAll()
        .where('username_folded', '=', username.toLowerCase())
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async list(project, kind) {
      const rows = await database
        .selectFrom('users')
        .selectAll()
        .where('project', '=', project)
        .where('kind', '=', kind)
        .orderBy('username_folded')
        .execute();
      return rows.map(fromRow);
    },

    async countAdmins() {
      const row = await database
        .selectFrom('users')
        .select((select) => select.fn.countAll<number>().as('admins'))
        .where('role', '=', 'admin')
        .where('kind', '=', 'person')
        .executeTakeFirstOrThrow();
      return row.admins;
    },
  };
}

async function endSessions(transaction: ControlTransaction, userId: string): Promise<void> {
  for (const table of ['refresh_tokens', 'web_sessions', 'sign_in_links'] as const) {
    await transaction.deleteFrom(table).where('user_id', '=', userId).execute();
  }
}

function toRow(user: User): ControlSchema['users'] {
  return {
    id: user.id,
    project: user.project,
    kind: user.kind,
    username: user.username,
    username_folded: user.username.toLowerCase(),
    role: user.role,
    scopes_json: JSON.stringify(user.scopes),
    password_hash: user.passwordHash,
    created_at_ms: user.createdAtMs,
  };
}

function fromRow(row: Selectable<ControlSchema['users']>): User {
  return {
    id: row.id,
    project: row.project,
    kind: row.kind as User['kind'],
    username: row.username,
    role: row.role as User['role'],
    scopes: JSON.parse(row.scopes_json) as string[],
    passwordHash: row.password_hash,
    createdAtMs: row.created_at_ms,
  };
}
