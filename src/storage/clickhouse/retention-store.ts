import type { RetentionKind, RetentionStore, StoredSpell } from '../retention-store.ts';
import type { Engine } from './engine.ts';
import { toStorageError } from './engine-errors.ts';
import { createQuery } from './query.ts';
import { bytes, join, raw, sql, type Sql } from './sql.ts';

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

/** What rows refer to, and by which column. */
const ORIGINS = [
  ['resources', 'resource_id'],
  ['scopes', 'scope_id'],
] as const;
const REFERRING = ['spans', 'log_records', 'metric_points'] as const;
/** Removed by one command, whose text has a bound, and how many commands there are at most. */
const ORIGINS_AT_ONCE = 2_000;
const ROUNDS_MAX = 5;

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
      await command(sql`ALTER TABLE payloads DELETE WHERE received < ${dateTime(ms)}`);
    },

    async removeUnreferred(ms) {
      for (const [table, column] of ORIGINS) {
        for (let round = 0; round < ROUNDS_MAX; round++) {
          const found = await query<OriginRow>(unreferred(table, column, ms));
          if (found.length === 0) break;
          const keys = found.map(({ project, digits }) => sql`(${project}, ${bytes(digits)})`);
          // Whoever came meanwhile came again with its resource, which is newer.
          await command(sql`ALTER TABLE ${raw(table)} DELETE
            WHERE received < ${dateTime(ms)} AND (project, id) IN (${join(keys, ', ')})`);
          if (found.length < ORIGINS_AT_ONCE) break;
        }
      }
    },
  };
}

interface OriginRow {
  readonly project: string;
  /** Of the id, in hex. */
  readonly digits: string;
}

/** A row is written again whenever it is used, so its newest says when it was used last. */
function unreferred(table: string, column: string, ms: number): Sql {
  const used = REFERRING.map(
    (referring) => sql`SELECT project, ${raw(column)} FROM ${raw(referring)}`,
  );
  return sql`SELECT project, lower(hex(id)) AS digits FROM
    (SELECT project, id FROM ${raw(table)} GROUP BY project, id
      HAVING max(received) < ${dateTime(ms)})
    WHERE (project, id) NOT IN (${join(used, ' UNION DISTINCT ')}) LIMIT ${ORIGINS_AT_ONCE}`;
}

function dateTime(ms: number): Sql {
  return sql`toDateTime(${Math.floor(ms / 1000)}, 'UTC')`;
}

const spellOf =
  ({ table, kind, by }: KeptTable) =>
  ({ id, rows, bytes: onDisk }: PartitionRow): StoredSpell => {
    const [year, month, day] = [id.slice(0, 4), id.slice(4, 6), id.slice(6, 8)].map(Number);
    const [fromMs, toMs] =
      by === 'day'
        ? [Date.UTC(year!, month! - 1, day), Date.UTC(year!, month! - 1, day! + 1)]
        : [Date.UTC(year!, month! - 1), Date.UTC(year!, month)];
    return { kind, id: `${table} ${id}`, fromMs, toMs, rows: Number(rows), bytes: Number(onDisk) };
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
