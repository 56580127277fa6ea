import { sql, type Selectable, type SelectQueryBuilder } from 'kysely';

import type { Approval, ApprovalStatus, ExecutionState } from '../../model/approval.ts';
import type { ApprovalFilter, ApprovalStore } from '../approval-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

const MILLION = 1_000_000;
const ROWS_MAX = 1_000;

export function createApprovalStore(database: ControlDatabase): ApprovalStore {
  return {
    ...reading(database),
    ...counting(database),
    ...deciding(database),
    ...executing(database),
  };
}

type Reading = 'get' | 'findByPrefix' | 'find' | 'listPending' | 'findUsable';

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
      const fitting = narrow(
        database.selectFrom('approvals').where('project', '=', project),
        filter,
      );
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

function narrow<O>(
  query: SelectQueryBuilder<ControlSchema, 'approvals', O>,
  { status, agent, tool }: ApprovalFilter,
): SelectQueryBuilder<ControlSchema, 'approvals', O> {
  let narrowed = query;
  if (status !== undefined) narrowed = narrowed.where('status', '=', status);
  if (agent !== undefined) narrowed = narrowed.where('agent', '=', agent);
  if (tool !== undefined) {
    const like = tool.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%');
    narrowed = narrowed.where(sql<boolean>`tool LIKE ${like} ESCAPE '\\'`);
  }
  return narrowed;
}

function deciding(database: ControlDatabase): Pick<ApprovalStore, 'create' | 'resolve'> {
  return {
    async create(approval) {
      await database.insertInto('approvals').values(toRow(approval)).execute();
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
        .set({ execution: 'executing' satisfies ExecutionState, executed_at_ms: nowMs })
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
        .set({ execution, executed_at_ms: atMs })
        .where('project', '=', project)
        .where('id', '=', id)
        .where('execution', '=', 'executing')
        .execute();
    },

    async interruptExecuting(atMs) {
      const rows = await database
        .updateTable('approvals')
        .set({ execution: 'interrupted' satisfies ExecutionState, executed_at_ms: atMs })
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
            .limit(ROWS_MAX),
        )
        .execute();
    },
  };
}

const millionths = (confidence: number | null): number | null =>
  confidence === null ? null : Math.round(confidence * MILLION);

function toRow(approval: Approval): ControlSchema['approvals'] {
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

function fromRow(row: Selectable<ControlSchema['approvals']>): Approval {
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
