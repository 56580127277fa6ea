import { PostgresAdapter, sql, type Selectable } from 'kysely';

import type { SavedView, ViewPage } from '../../model/saved-view.ts';
import type { SavedViewStore } from '../saved-view-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema, ControlTransaction } from './schema.ts';

export function createSavedViewStore(database: ControlDatabase): SavedViewStore {
  return { ...questions(database), ...changes(database), ...defaults(database) };
}

function questions(database: ControlDatabase): Pick<SavedViewStore, 'list' | 'get'> {
  return {
    async list(project, userId) {
      const rows = await database
        .selectFrom('saved_views')
        .selectAll()
        .where('project', '=', project)
        .where((where) => where.or([where('owner_id', '=', userId), where('shared', '=', 1)]))
        .orderBy('page')
        .orderBy('name')
        .orderBy('owner_id')
        .execute();
      return rows.map(toView);
    },

    async get(project, id) {
      const row = await database
        .selectFrom('saved_views')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toView(row);
    },
  };
}

function changes(database: ControlDatabase): Pick<SavedViewStore, 'create' | 'replace' | 'remove'> {
  return {
    async create(view, entry, ownMax) {
      let isFull = false;
      const created = await changeAudited(database, entry, async (transaction) => {
        isFull = (await countOwn(transaction, view)) >= ownMax;
        if (isFull) return false;
        const result = await transaction
          .insertInto('saved_views')
          .values(fromView(view))
          .onConflict((conflict) =>
            conflict.columns(['project', 'owner_id', 'page', 'name']).doNothing(),
          )
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows !== 0n;
      });
      if (created) return 'created';
      return isFull ? 'full' : 'taken';
    },

    replace: (view, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const { id, project, ...changed } = fromView(view);
        const other = await transaction
          .selectFrom('saved_views')
          .select('id')
          .where('project', '=', project)
          .where('owner_id', '=', view.ownerId)
          .where('page', '=', view.page)
          .where('name', '=', view.name)
          .where('id', '!=', id)
          .executeTakeFirst();
        if (other !== undefined) return false;
        const result = await transaction
          .updateTable('saved_views')
          .set(changed)
          .where('project', '=', project)
          .where('id', '=', id)
          .executeTakeFirst();
        if (result.numUpdatedRows === 0n) return false;
        // What others do not see any more opens no page of theirs.
        if (!view.shared) {
          await transaction
            .deleteFrom('default_views')
            .where('view_id', '=', id)
            .where('user_id', '!=', view.ownerId)
            .execute();
        }
        return true;
      }),

    remove: (project, id, entry) =>
      changeAudited(database, entry, async (transaction) => {
        await transaction
          .deleteFrom('default_views')
          .where('project', '=', project)
          .where('view_id', '=', id)
          .execute();
        const result = await transaction
          .deleteFrom('saved_views')
          .where('project', '=', project)
          .where('id', '=', id)
          .executeTakeFirst();
        return result.numDeletedRows !== 0n;
      }),
  };
}

/** How many the owner has, and goes on to have until the transaction ends: others that create one for them wait. */
async function countOwn(
  transaction: ControlTransaction,
  { project, ownerId }: SavedView,
): Promise<number> {
  // SQLite writes one transaction at a time. No row would do as a lock: the first of an owner changes.
  if (transaction.getExecutor().adapter instanceof PostgresAdapter) {
    const place = `${project}/${ownerId}`;
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${place}, 0))`.execute(transaction);
  }
  const { count } = await transaction
    .selectFrom('saved_views')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('project', '=', project)
    .where('owner_id', '=', ownerId)
    .executeTakeFirstOrThrow();
  return count;
}

function defaults(database: ControlDatabase): Pick<SavedViewStore, 'listDefaults' | 'setDefault'> {
  return {
    async listDefaults(project, userId) {
      const rows = await database
        .selectFrom('default_views')
        .selectAll()
        .where('project', '=', project)
        .where('user_id', '=', userId)
        .execute();
      return new Map(rows.map((row) => [row.page as ViewPage, row.view_id]));
    },

    async setDefault({ project, userId, page }, viewId, entry) {
      await changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .deleteFrom('default_views')
          .where('project', '=', project)
          .where('user_id', '=', userId)
          .where('page', '=', page)
          .executeTakeFirst();
        if (viewId === undefined) return result.numDeletedRows !== 0n;
        await transaction
          .insertInto('default_views')
          .values({ project, user_id: userId, page, view_id: viewId })
          .execute();
        return true;
      });
    },
  };
}

function fromView(view: SavedView): ControlSchema['saved_views'] {
  return {
    id: view.id,
    project: view.project,
    owner_id: view.ownerId,
    owner_name: view.ownerName,
    page: view.page,
    name: view.name,
    search: view.search,
    shared: view.shared ? 1 : 0,
    created_at_ms: view.createdAtMs,
    updated_at_ms: view.updatedAtMs,
  };
}

function toView(row: Selectable<ControlSchema['saved_views']>): SavedView {
  return {
    id: row.id,
    project: row.project,
    ownerId: row.owner_id,
    ownerName: row.owner_name,
    page: row.page as ViewPage,
    name: row.name,
    search: row.search,
    shared: row.shared === 1,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
