import type { RetentionKind, RetentionStore, StoredSpell } from '../retention-store.ts';
import type { Engine } from './engine.ts';
import { toStorageError } from './engine-errors.ts';
import { createQuery } from './query.ts';
import { raw, sql, type Sql } from './sql.ts';

interface KeptTable {
  readonly table: string;
  readonly kind: RetentionKind;
  readonly by: 'day' | 'month';
}

/** Each by the time at which rows came, which is what its partitions are of. */
const TABLES: readonly KeptTable[] = [
  { table: 'spans', kind: 'spans', by: 'day' },
  { table: 'log_records', kind: 'log_records', by: 'day' },
  { table: 'metric_points', kind: 'metrics', by: 'day' },
  { table: 'runs', kind: 'runs', by: 'month' },
  { table: 'model_calls', kind: 'runs', by: 'month' },
  { table: 'quality_results', kind: 'runs', by: 'month' },
];

interface PartitionRow {
  readonly table: string;
  readonly id: string;
  readonly rows: string;
  readonly bytes: string;
}

export function createRetentionStore(engine: Engine): RetentionStore {
  const query = createQuery(engine);
  const command = async ({ text }: Sql): Promise<void> => {
    try {
      await engine.command(text);
    } catch (error) {
      throw toStorageError(error);
    }
  };
  return {
    async list() {
      const rows = await query<PartitionRow>(sql`SELECT table, partition_id AS id,
          sum(rows) AS rows, sum(bytes_on_disk) AS bytes
        FROM system.parts
        WHERE active AND database = currentDatabase() AND table IN ${TABLES.map(({ table }) => table)}
        GROUP BY table, id ORDER BY table, id`);
      return TABLES.flatMap((of) =>
        rows.filter(({ table }) => table === of.table).map(spellOf(of)),
      );
    },

    async remove({ id }) {
      const [table, partition] = parseId(id);
      await command(sql`ALTER TABLE ${raw(table)} DROP PARTITION ID ${partition}`);
    },

    async removeValuesBefore(ms) {
      // A value that comes again is written again, so its newest row says when it was last used.
      await command(
        sql`ALTER TABLE payloads DELETE WHERE received < toDateTime(${Math.floor(ms / 1000)}, 'UTC')`,
      );
    },
  };
}

const spellOf =
  ({ table, kind, by }: KeptTable) =>
  ({ id, rows, bytes }: PartitionRow): StoredSpell => {
    const [year, month, day] = [id.slice(0, 4), id.slice(4, 6), id.slice(6, 8)].map(Number);
    const [fromMs, toMs] =
      by === 'day'
        ? [Date.UTC(year!, month! - 1, day), Date.UTC(year!, month! - 1, day! + 1)]
        : [Date.UTC(year!, month! - 1), Date.UTC(year!, month)];
    return { kind, id: `${table} ${id}`, fromMs, toMs, rows: Number(rows), bytes: Number(bytes) };
  };

/** `spans 20261120` → its table and partition. Throws what is none of ours. */
function parseId(id: string): readonly [table: string, partition: string] {
  const [name, partition = ''] = id.split(' ');
  const known = TABLES.find(({ table }) => table === name);
  const digits = known?.by === 'month' ? 6 : 8;
  if (known === undefined || !/^\d+$/.test(partition) || partition.length !== digits) {
    throw new TypeError(`not a spell of stored rows: ${id}`);
  }
  return [known.table, partition];
}
