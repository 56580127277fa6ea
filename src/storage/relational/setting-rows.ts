import type { JsonValue } from '../audit-log.ts';
import type { SettingStore } from '../setting-store.ts';
import { appendAudit } from './audit-rows.ts';
import type { ControlDatabase } from './schema.ts';

export function createSettingStore(database: ControlDatabase): SettingStore {
  return {
    async get(project, name) {
      const row = await database
        .selectFrom('settings')
        .select('value_json')
        .where('project', '=', project)
        .where('name', '=', name)
        .executeTakeFirst();
      return row === undefined ? undefined : (JSON.parse(row.value_json) as JsonValue);
    },

    async listByName(name) {
      const rows = await database
        .selectFrom('settings')
        .select(['project', 'value_json'])
        .where('name', '=', name)
        .orderBy('project')
        .execute();
      return rows.map((row) => ({
        project: row.project,
        value: JSON.parse(row.value_json) as JsonValue,
      }));
    },

    async put(project, name, value, entry) {
      const changed = {
        value_json: JSON.stringify(value),
        updated_at_ms: entry.atMs,
        updated_by: entry.actor.id,
      };
      await database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('settings')
          .values({ project, name, ...changed })
          .onConflict((conflict) => conflict.columns(['project', 'name']).doUpdateSet(changed))
          .execute();
        await appendAudit(transaction, [entry]);
      });
    },
  };
}
