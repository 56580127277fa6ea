import type { RefreshOutcome, SessionStore } from '../session-store.ts';
import type { ControlDatabase, ControlTransaction } from './schema.ts';

export function createSessionStore(database: ControlDatabase): SessionStore {
  return {
    async createRefreshToken(token) {
      await database
        .insertInto('refresh_tokens')
        .values({
          token_hash: token.tokenHash,
          family: token.family,
          user_id: token.userId,
          expires_at_ms: token.expiresAtMs,
          used_at_ms: null,
        })
        .execute();
    },

    rotateRefreshToken: (tokenHash, successor, nowMs) =>
      database
        .transaction()
        .execute((transaction) => rotate(transaction, tokenHash, successor, nowMs)),

    ...webSessions(database),
    ...signInLinks(database),

    async removeExpired(nowMs) {
      await database.transaction().execute(async (transaction) => {
        for (const table of ['refresh_tokens', 'web_sessions', 'sign_in_links'] as const) {
          await transaction.deleteFrom(table).where('expires_at_ms', '<=', nowMs).execute();
        }
      });
    },
  };
}

async function rotate(
  transaction: ControlTransaction,
  tokenHash: string,
  successor: { readonly tokenHash: string; readonly expiresAtMs: number },
  nowMs: number,
): Promise<RefreshOutcome> {
  const used = await transaction
    .updateTable('refresh_tokens')
    .set({ used_at_ms: nowMs })
    .where('token_hash', '=', tokenHash)
    .where('used_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .returning(['family', 'user_id'])
    .executeTakeFirst();
  if (used !== undefined) {
    await transaction
      .insertInto('refresh_tokens')
      .values({
        token_hash: successor.tokenHash,
        family: used.family,
        user_id: used.user_id,
        expires_at_ms: successor.expiresAtMs,
        used_at_ms: null,
      })
      .execute();
    return { kind: 'rotated', userId: used.user_id };
  }
  const spent = await transaction
    .selectFrom('refresh_tokens')
    .select(['family', 'user_id'])
    .where('token_hash', '=', tokenHash)
    .where('used_at_ms', 'is not', null)
    .executeTakeFirst();
  if (spent === undefined) return { kind: 'unknown' };
  await transaction.deleteFrom('refresh_tokens').where('family', '=', spent.family).execute();
  return { kind: 'reused', userId: spent.user_id };
}

function webSessions(
  database: ControlDatabase,
): Pick<SessionStore, 'createWebSession' | 'getWebSession' | 'removeWebSession'> {
  return {
    async createWebSession({ tokenHash, userId, expiresAtMs }) {
      await database
        .insertInto('web_sessions')
        .values({ token_hash: tokenHash, user_id: userId, expires_at_ms: expiresAtMs })
        .execute();
    },

    async getWebSession(tokenHash, nowMs) {
      const row = await database
        .selectFrom('web_sessions')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .where('expires_at_ms', '>', nowMs)
        .executeTakeFirst();
      return row && { tokenHash, userId: row.user_id, expiresAtMs: row.expires_at_ms };
    },

    async removeWebSession(tokenHash) {
      await database.deleteFrom('web_sessions').where('token_hash', '=', tokenHash).execute();
    },
  };
}

function signInLinks(
  database: ControlDatabase,
): Pick<SessionStore, 'createSignInLink' | 'takeSignInLink'> {
  return {
    async createSignInLink({ tokenHash, userId, expiresAtMs }) {
      await database
        .insertInto('sign_in_links')
        .values({ token_hash: tokenHash, user_id: userId, expires_at_ms: expiresAtMs })
        .execute();
    },

    async takeSignInLink(tokenHash, nowMs) {
      const row = await database
        .deleteFrom('sign_in_links')
        .where('token_hash', '=', tokenHash)
        .where('expires_at_ms', '>', nowMs)
        .returningAll()
        .executeTakeFirst();
      return row && { tokenHash, userId: row.user_id, expiresAtMs: row.expires_at_ms };
    },
  };
}
