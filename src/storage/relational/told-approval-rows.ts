import { sql } from 'kysely';

import type { ToldApproval } from '../../model/approval.ts';
import type { AuditEntry } from '../audit-log.ts';
import type { LinkedGateway, ToldApprovalStore } from '../told-approval-store.ts';
import { fits, fromRow, toRow } from './approval-rows.ts';
import { appendAudit } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema, ControlTransaction } from './schema.ts';

export function createToldApprovalStore(database: ControlDatabase): ToldApprovalStore {
  return { ...telling(database), ...reading(database), ...removing(database) };
}

function telling(database: ControlDatabase): Pick<ToldApprovalStore, 'greet' | 'tell'> {
  return {
    greet: (gateway) =>
      database.transaction().execute(async (transaction) => {
        const { project, name, instance, url, version } = gateway;
        const before = await transaction
          .selectFrom('linked_gateways')
          .selectAll()
          .where('project', '=', project)
          .where('name', '=', name)
          .executeTakeFirst();
        const isSame = before?.instance === instance;
        if (!isSame) {
          await transaction
            .deleteFrom('told_approvals')
            .where('project', '=', project)
            .where('gateway', '=', name)
            .where('status', '=', 'pending')
            .execute();
        }
        const row = {
          project,
          name,
          instance,
          url,
          version,
          heard_at_ms: gateway.heardAtMs,
          approvals_cursor: isSame ? before.approvals_cursor : '',
          calls_cursor: isSame ? before.calls_cursor : '',
        };
        await transaction
          .insertInto('linked_gateways')
          .values(row)
          .onConflict((conflict) => conflict.columns(['project', 'name']).doUpdateSet(row))
          .execute();
        return gatewayOf(row);
      }),

    tell: ({ project, name }, told, entryOf) =>
      database.transaction().execute(async (transaction) => {
        const refused: string[] = [];
        const entries: AuditEntry[] = [];
        for (const approval of told.approvals) {
          const before = await keep(transaction, approval, told.atMs);
          if (before === 'another') refused.push(approval.id);
          else if (before !== 'decided' && approval.status !== 'pending') {
            entries.push(entryOf(approval));
          }
        }
        await appendAudit(transaction, entries);
        const { approvalsCursor, callsCursor } = told;
        await transaction
          .updateTable('linked_gateways')
          .set({
            heard_at_ms: told.atMs,
            ...(approvalsCursor === undefined ? {} : { approvals_cursor: approvalsCursor }),
            ...(callsCursor === undefined ? {} : { calls_cursor: callsCursor }),
          })
          .where('project', '=', project)
          .where('name', '=', name)
          .execute();
        return refused;
      }),
  };
}

/** Answers what was known of it before. */
async function keep(
  transaction: ControlTransaction,
  approval: ToldApproval,
  atMs: number,
): Promise<'nothing' | 'pending' | 'decided' | 'another'> {
  const { project, id, gateway } = approval;
  const before = await transaction
    .selectFrom('told_approvals')
    .select(['gateway', 'status'])
    .where('project', '=', project)
    .where('id', '=', id)
    .executeTakeFirst();
  if (before !== undefined && before.gateway !== gateway) return 'another';
  // A decision stands: what says otherwise was told before it.
  if (before !== undefined && before.status !== 'pending' && approval.status === 'pending') {
    return 'decided';
  }
  const row = {
    ...toRow(approval),
    gateway,
    dangers_json: JSON.stringify(approval.dangers),
    told_at_ms: atMs,
  };
  await transaction
    .insertInto('told_approvals')
    .values(row)
    .onConflict((conflict) => conflict.columns(['project', 'id']).doUpdateSet(row))
    .execute();
  if (before === undefined) return 'nothing';
  return before.status === 'pending' ? 'pending' : 'decided';
}

type Reading = 'listGateways' | 'get' | 'findAll' | 'countPending';

function reading(database: ControlDatabase): Pick<ToldApprovalStore, Reading> {
  return {
    async listGateways(project) {
      const rows = await database
        .selectFrom('linked_gateways')
        .selectAll()
        .where('project', '=', project)
        .orderBy('name')
        .execute();
      return rows.map(gatewayOf);
    },

    async get(project, id) {
      const row = await database
        .selectFrom('told_approvals')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toldOf(row);
    },

    async findAll(project, filter, { offset, limit }) {
      const total = await countAll(database, project, filter);
      const own = database
        .selectFrom('approvals')
        .select(COLUMNS)
        .select([sql<string>`''`.as('gateway'), sql<string>`'[]'`.as('dangers_json')])
        .where('project', '=', project)
        .where(fits(filter));
      const told = toldAsOwn(database)
        .select(COLUMNS)
        .select([sql<string>`gateway`.as('gateway'), sql<string>`dangers_json`.as('dangers_json')])
        .where('project', '=', project)
        .where(fits(filter));
      const rows = await own
        .unionAll(told)
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { approvals: rows.map(toldOf), total };
    },

    async countPending(project, nowMs) {
      const rows = await database
        .selectFrom('told_approvals')
        .select((select) => ['gateway', select.fn.countAll<number>().as('waiting')])
        .where('project', '=', project)
        .where('status', '=', 'pending')
        .where('expires_at_ms', '>', nowMs)
        .groupBy('gateway')
        .execute();
      return new Map(rows.map(({ gateway, waiting }) => [gateway, waiting]));
    },
  };
}

async function countAll(
  database: ControlDatabase,
  project: string,
  filter: Parameters<typeof fits>[0],
): Promise<number> {
  let sum = 0;
  for (const table of [database.selectFrom('approvals'), toldAsOwn(database)]) {
    const { total } = await table
      .select((select) => select.fn.countAll<number>().as('total'))
      .where('project', '=', project)
      .where(fits(filter))
      .executeTakeFirstOrThrow();
    sum += total;
  }
  return sum;
}

/** The other table by the name of the first, since they have these columns in common. */
const toldAsOwn = (database: ControlDatabase) =>
  database.selectFrom(sql<ControlSchema['approvals']>`told_approvals`.as('approvals'));

const COLUMNS = [
  'id',
  'project',
  'agent',
  'tool',
  'arguments_digest',
  'policy_version',
  'policy_rule',
  'status',
  'execution',
  'params_json',
  'injection_risk',
  'session_id',
  'trace_id',
  'span_id',
  'parent_span_id',
  'face',
  'callback_url',
  'created_at_ms',
  'expires_at_ms',
  'resolved_at_ms',
  'resolved_by',
  'reasoning',
  'confidence_millionths',
  'executed_at_ms',
] as const;

/** As many rows at once, so that nobody waits for long. */
const ROWS_MAX = 1_000;

function removing(database: ControlDatabase): Pick<ToldApprovalStore, 'removeBefore'> {
  return {
    async removeBefore({ resolvedBeforeMs, expiredBeforeMs }) {
      await database
        .deleteFrom('told_approvals')
        .where((eb) =>
          eb(
            eb.refTuple('project', 'id'),
            'in',
            eb
              .selectFrom('told_approvals')
              .select(['project', 'id'])
              .where((row) =>
                row.or([
                  row('resolved_at_ms', '<', resolvedBeforeMs),
                  row.and([
                    row('status', '=', 'pending'),
                    row('expires_at_ms', '<', expiredBeforeMs),
                  ]),
                ]),
              )
              .limit(ROWS_MAX)
              .$asTuple('project', 'id'),
          ),
        )
        .execute();
    },
  };
}

function gatewayOf(row: ControlSchema['linked_gateways']): LinkedGateway {
  return {
    project: row.project,
    name: row.name,
    instance: row.instance,
    url: row.url,
    version: row.version,
    heardAtMs: row.heard_at_ms,
    approvalsCursor: row.approvals_cursor,
    callsCursor: row.calls_cursor,
  };
}

type ToldRow = Parameters<typeof fromRow>[0] & {
  readonly gateway: string;
  readonly dangers_json: string;
};

const toldOf = (row: ToldRow): ToldApproval => ({
  ...fromRow(row),
  gateway: row.gateway,
  dangers: JSON.parse(row.dangers_json) as string[],
});
