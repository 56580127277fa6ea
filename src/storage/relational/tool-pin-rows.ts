import type { Selectable } from 'kysely';

import type { ToolPin } from '../../model/approval.ts';
import type { ToolPinStore } from '../approval-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

export function createToolPinStore(database: ControlDatabase): ToolPinStore {
  return {
    async list(project, server) {
      let query = database.selectFrom('tool_pins').selectAll().where('project', '=', project);
      if (server !== undefined) query = query.where('server', '=', server);
      const rows = await query.orderBy('server').orderBy('tool').execute();
      return rows.map(fromRow);
    },

    put: (pins) =>
      database.transaction().execute(async (transaction) => {
        for (const pin of pins) {
          const held = heldColumns(pin);
          await transaction
            .insertInto('tool_pins')
            .values({
              project: pin.project,
              server: pin.server,
              tool: pin.tool,
              digest: pin.digest,
              definition_json: pin.definitionJson,
              pinned_at_ms: pin.pinnedAtMs,
              ...held,
            })
            // What was accepted stays so: a server cannot accept a change for itself.
            .onConflict((conflict) =>
              conflict.columns(['project', 'server', 'tool']).doUpdateSet(held),
            )
            .execute();
        }
      }),

    accept: ({ project, server, tool }, digest, atMs, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .updateTable('tool_pins')
          .set((column) => ({
            digest,
            definition_json: column.fn.coalesce('held_definition_json', 'definition_json'),
            pinned_at_ms: atMs,
            held_digest: null,
            held_definition_json: null,
            held_since_ms: null,
          }))
          .where('project', '=', project)
          .where('server', '=', server)
          .where('tool', '=', tool)
          .where('held_digest', '=', digest)
          .executeTakeFirst();
        return result.numUpdatedRows !== 0n;
      }),
  };
}

function heldColumns({ held }: ToolPin) {
  return {
    held_digest: held?.digest ?? null,
    held_definition_json: held?.definitionJson ?? null,
    held_since_ms: held?.sinceMs ?? null,
  };
}

function fromRow(row: Selectable<ControlSchema['tool_pins']>): ToolPin {
  const { held_digest: digest, held_definition_json: definitionJson, held_since_ms: sinceMs } = row;
  return {
    project: row.project,
    server: row.server,
    tool: row.tool,
    digest: row.digest,
    definitionJson: row.definition_json,
    pinnedAtMs: row.pinned_at_ms,
    held:
      digest === null || definitionJson === null || sinceMs === null
        ? null
        : { digest, definitionJson, sinceMs },
  };
}
