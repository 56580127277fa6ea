import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely';

import type { Approval, ApprovalStatus, ExecutionState } from '../../model/approval.ts';
import type { ApprovalFilter, ApprovalStore } from '../approval-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

const MILLION = 1_000_000;
const ROWS_MAX = 1_000;

/** Each change of an approval takes the next number, so that whoever follows them misses none. */
const NEXT_CHANGE = sql<number>`(SELECT COALESCE(MAX(change_number), 0) + 1 FROM approvals)`;

export function createApprovalStore(database: ControlDatabase): ApprovalStore {
  return {
    ...reading(database),
    ...counting(database),
    ...deciding(database),
    ...executing(database),
  };
}

type Reading = 'get' | 'findByPrefix' | 'find' | 'listPending' | 'listChanged' | 'findUsable';

function reading(database: ControlDatabase): Pick<ApprovalStore, Reading> {
  const all = () => database.selectFrom('approvals').selectAll();
  return {
    async get(project, id) {
      const row = await all()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && fromRow(row);
    },

    async findByPrefix(project, prefix, limit) {
      const rows = await all()
        .where('project', '=', project)
        .where('id', '>=', prefix)
        .where('id', '<', `${prefix}\u{10ffff}`)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },

    async find(project, filter, { offset, limit }) {
      const fitting = database
        .selectFrom('approvals')
        .where('project', '=', project)
        .where(fits(filter));
      const { total } = await fitting
        .select((select) => select.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await fitting
        .selectAll()
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { approvals: rows.map(fromRow), total };
    },

    async listPending(afterId, limit) {
      const rows = await all()
        .where('status', '=', 'pending')
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },

    async listChanged(after, limit) {
      const rows = await all()
        .where((eb) =>
          eb(eb.refTuple('change_number', 'id'), '>', eb.tuple(after.change, after.id)),
        )
        .orderBy('change_number')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ approval: fromRow(row), change: row.change_number }));
    },

    async findUsable(binding, nowMs) {
      const row = await all()
        .where('project', '=', binding.project)
        .where('arguments_digest', '=', binding.argumentsDigest)
        .where('agent', '=', binding.agent)
        .where('tool', '=', binding.tool)
        .where('policy_version', '=', binding.policyVersion)
        .where('status', 'in', ['pending', 'approved'])
        .where('execution', '=', 'none')
        .where('expires_at_ms', '>', nowMs)
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .executeTakeFirst();
      return row && fromRow(row);
    },
  };
}

function counting(database: ControlDatabase): Pick<ApprovalStore, 'countDecisions'> {
  return {
    async countDecisions({ project, agent, tool }) {
      const rows = await database
        .selectFrom('approvals')
        .select((select) => ['status', select.fn.countAll<number>().as('decisions')])
        .where('project', '=', project)
        .where('agent', '=', agent)
        .where('tool', '=', tool)
        .groupBy('status')
        .execute();
      const countOf = (status: ApprovalStatus): number =>
        rows.find((row) => row.status === status)?.decisions ?? 0;
      return { approved: countOf('approved'), denied: countOf('denied') };
    },
  };
}

/** Of any table that keeps approvals. */
export const fits =
  ({ status, agent, tool }: ApprovalFilter) =>
  (eb: ExpressionBuilder<ControlSchema, 'approvals'>): Expression<SqlBool> => {
    const conditions: Expression<SqlBool>[] = [];
    if (status !== undefined) conditions.push(eb('status', '=', status));
    if (agent !== undefined) conditions.push(eb('agent', '=', agent));
    if (tool !== undefined) {
      const like = tool.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
      conditions.push(sql<SqlBool>`tool LIKE ${like} ESCAPE '\\'`);
    }
    return eb.and(conditions);
  };

function deciding(database: ControlDatabase): Pick<ApprovalStore, 'create' | 'resolve'> {
  return {
    async create(approval) {
      await database
        .insertInto('approvals')
        .values({ ...toRow(approval), change_number: NEXT_CHANGE })
        .execute();
    },

    resolve: (resolution, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .updateTable('approvals')
          .set({
            status: resolution.status,
            resolved_at_ms: resolution.atMs,
            resolved_by: resolution.resolvedBy,
            reasoning: resolution.reasoning,
            confidence_millionths: millionths(resolution.confidence),
            expires_at_ms: resolution.usableUntilMs,
            change_number: NEXT_CHANGE,
          })
          .where('project', '=', resolution.project)
          .where('id', '=', resolution.id)
          .where('status', '=', 'pending')
          .executeTakeFirst();
        return result.numUpdatedRows !== 0n;
      }),
  };
}

type Executing = 'claim' | 'finish' | 'interruptExecuting' | 'removeResolvedBefore';

function executing(database: ControlDatabase): Pick<ApprovalStore, Executing> {
  return {
    async claim(project, id, nowMs) {
      const result = await database
        .updateTable('approvals')
        .set({
          execution: 'executing' satisfies ExecutionState,
          executed_at_ms: nowMs,
          change_number: NEXT_CHANGE,
        })
        .where('project', '=', project)
        .where('id', '=', id)
        .where('status', '=', 'approved')
        .where('execution', '=', 'none')
        .where('expires_at_ms', '>', nowMs)
        .executeTakeFirst();
      return result.numUpdatedRows === 1n;
    },

    async finish(project, id, execution, atMs) {
      await database
        .updateTable('approvals')
        .set({ execution, executed_at_ms: atMs, change_number: NEXT_CHANGE })
        .where('project', '=', project)
        .where('id', '=', id)
        .where('execution', '=', 'executing')
        .execute();
    },

    async interruptExecuting(atMs) {
      const rows = await database
        .updateTable('approvals')
        .set({
          execution: 'interrupted' satisfies ExecutionState,
          executed_at_ms: atMs,
          change_number: NEXT_CHANGE,
        })
        .where('execution', '=', 'executing')
        .returningAll()
        .execute();
      return rows.map(fromRow);
    },

    async removeResolvedBefore(beforeMs) {
      await database
        .deleteFrom('approvals')
        .where('id', 'in', (select) =>
          select
            .selectFrom('approvals')
            .select('id')
            .where('resolved_at_ms', '<', beforeMs)
            .where('execution', '!=', 'executing')
            // The last number stays, or those who follow the changes would miss the next ones.
            .where('change_number', '<', (all) =>
              all.selectFrom('approvals').select(({ fn }) => fn.max('change_number').as('last')),
            )
            .limit(ROWS_MAX),
        )
        .execute();
    },
  };
}

const millionths = (confidence: number | null): number | null =>
  confidence === null ? null : Math.round(confidence * MILLION);

/** What all tables of approvals have in common. */
type ApprovalRow = Omit<ControlSchema['approvals'], 'change_number'>;

export function toRow(approval: Approval): ApprovalRow {
  return {
    id: approval.id,
    project: approval.project,
    agent: approval.agent,
    tool: approval.tool,
    arguments_digest: approval.argumentsDigest,
    policy_version: approval.policyVersion,
    policy_rule: approval.policyRule,
    status: approval.status,
    execution: approval.execution,
    params_json: approval.paramsJson,
    injection_risk: approval.injectionRisk ? 1 : 0,
    session_id: approval.sessionId,
    trace_id: approval.traceId,
    span_id: approval.spanId,
    parent_span_id: approval.parentSpanId,
    face: approval.face,
    callback_url: approval.callbackUrl,
    created_at_ms: approval.createdAtMs,
    expires_at_ms: approval.expiresAtMs,
    resolved_at_ms: approval.resolvedAtMs,
    resolved_by: approval.resolvedBy,
    reasoning: approval.reasoning,
    confidence_millionths: millionths(approval.confidence),
    executed_at_ms: approval.executedAtMs,
  };
}

export function fromRow(row: ApprovalRow): Approval {
  return {
    id: row.id,
    project: row.project,
    agent: row.agent,
    tool: row.tool,
    argumentsDigest: row.arguments_digest,
    policyVersion: row.policy_version,
    policyRule: row.policy_rule,
    status: row.status as ApprovalStatus,
    execution: row.execution as ExecutionState,
    paramsJson: row.params_json,
    injectionRisk: row.injection_risk === 1,
    sessionId: row.session_id,
    traceId: row.trace_id,
    spanId: row.span_id,
    parentSpanId: row.parent_span_id,
    face: row.face,
    callbackUrl: row.callback_url,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    resolvedAtMs: row.resolved_at_ms,
    resolvedBy: row.resolved_by,
    reasoning: row.reasoning,
    confidence: row.confidence_millionths === null ? null : row.confidence_millionths / MILLION,
    executedAtMs: row.executed_at_ms,
  };
}
