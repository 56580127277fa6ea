import type { Selectable } from 'kysely';

import type { PriceOverride } from '../../model/price-override.ts';
import type { PriceStore, PriceVersion } from '../price-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

type PriceRow = ControlSchema['price_versions'];

export function createPriceStore(database: ControlDatabase): PriceStore {
  return {
    async listCurrent() {
      const rows = await database
        .selectFrom('price_versions')
        .selectAll()
        .where((or) =>
          or.not(
            or.exists(
              or
                .selectFrom('price_versions as later')
                .select('later.id')
                .whereRef('later.project', '=', 'price_versions.project')
                .whereRef('later.id', '=', 'price_versions.id')
                .whereRef('later.version', '>', 'price_versions.version'),
            ),
          ),
        )
        .where('removed', '=', 0)
        .orderBy('project')
        .orderBy('id')
        .execute();
      return rows.map((row) => fromRow(row).override);
    },

    async listVersions(project, id) {
      const rows = await database
        .selectFrom('price_versions')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .orderBy('version', 'desc')
        .execute();
      return rows.map(fromRow);
    },

    append: (version, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const kept = await transaction
          .insertInto('price_versions')
          .values(toRow(version))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return kept.numInsertedOrUpdatedRows !== 0n;
      }),
  };
}

function toRow({ override, removed, atMs, by }: PriceVersion): PriceRow {
  return {
    project: override.project,
    id: override.id,
    version: override.version,
    removed: Number(removed),
    model_pattern: override.modelPattern,
    provider: override.provider,
    tier: override.tier,
    from_ms: override.fromMs,
    prices_json: JSON.stringify(override.prices),
    at_ms: atMs,
    set_by: by,
  };
}

function fromRow(row: Selectable<PriceRow>): PriceVersion {
  return {
    override: {
      id: row.id,
      project: row.project,
      version: row.version,
      modelPattern: row.model_pattern,
      provider: row.provider,
      tier: row.tier,
      fromMs: row.from_ms,
      prices: JSON.parse(row.prices_json) as PriceOverride['prices'],
    },
    removed: row.removed === 1,
    atMs: row.at_ms,
    by: row.set_by,
  };
}
