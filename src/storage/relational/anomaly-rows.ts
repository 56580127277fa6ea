import { sql, type Selectable, type SelectQueryBuilder } from 'kysely';

import type { Severity } from '../../model/alert.ts';
import type { AnomalyEvidence, AnomalyKind, AnomalyStatus } from '../../model/anomaly.ts';
import type { Anomaly, AnomalyDecision, AnomalyFilter, AnomalyStore } from '../anomaly-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

type Row = Selectable<ControlSchema['anomalies']>;

export function createAnomalyStore(database: ControlDatabase): AnomalyStore {
  return { ...questions(database), ...counts(database), ...changes(database) };
}

function questions(database: ControlDatabase): Pick<AnomalyStore, 'get' | 'listNewest' | 'find'> {
  return {
    async get(project, id) {
      const row = await database
        .selectFrom('anomalies')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toAnomaly(row);
    },

    async listNewest(agentId) {
      const rows = await database
        .selectFrom('anomalies')
        .selectAll()
        .where('agent_id', '=', agentId)
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('anomalies as newer')
                .select('newer.id')
                .whereRef('newer.agent_id', '=', 'anomalies.agent_id')
                .whereRef('newer.kind', '=', 'anomalies.kind')
                .where(
                  sql<boolean>`(newer.opened_at_ms, newer.id) > (anomalies.opened_at_ms, anomalies.id)`,
                ),
            ),
          ),
        )
        .orderBy('kind')
        .execute();
      return rows.map(toAnomaly);
    },

    async find(project, filter, { offset, limit }) {
      const fitting = narrow(
        database.selectFrom('anomalies').where('project', '=', project),
        filter,
      );
      const { total } = await fitting
        .select((select) => select.fn.countAll<number>().as('total'))
        .executeTakeFirstOrThrow();
      const rows = await fitting
        .selectAll()
        .orderBy('detected_at_ms', 'desc')
        .orderBy('id', 'desc')
        .offset(offset)
        .limit(limit)
        .execute();
      return { anomalies: rows.map(toAnomaly), total };
    },
  };
}

function counts(database: ControlDatabase): Pick<AnomalyStore, 'summarize' | 'countActive'> {
  return {
    async summarize(project) {
      const rows = await database
        .selectFrom('anomalies')
        .select((select) => [
          'kind',
          'severity',
          'status',
          select.fn.countAll<number>().as('count'),
        ])
        .where('project', '=', project)
        .groupBy(['kind', 'severity', 'status'])
        .orderBy('kind')
        .orderBy('severity')
        .orderBy('status')
        .execute();
      return rows.map((row) => ({
        kind: row.kind as AnomalyKind,
        severity: row.severity as Severity,
        status: row.status as AnomalyStatus,
        count: row.count,
      }));
    },

    async countActive(project) {
      const rows = await database
        .selectFrom('anomalies')
        .select((select) => ['agent_id', select.fn.countAll<number>().as('count')])
        .where('project', '=', project)
        .where('status', '!=', 'resolved')
        .groupBy('agent_id')
        .execute();
      return new Map(rows.map((row) => [row.agent_id, row.count]));
    },
  };
}

function changes(database: ControlDatabase): Pick<AnomalyStore, 'create' | 'update'> {
  return {
    create: (anomaly, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .insertInto('anomalies')
          .values(fromAnomaly(anomaly))
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows !== 0n;
      }),

    update: (anomaly, expectedStatus, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const { id, project, agent_id: _agentId, kind: _kind, ...changed } = fromAnomaly(anomaly);
        const result = await transaction
          .updateTable('anomalies')
          .set(changed)
          .where('project', '=', project)
          .where('id', '=', id)
          .where('status', '=', expectedStatus)
          .executeTakeFirst();
        return result.numUpdatedRows !== 0n;
      }),
  };
}

function narrow<O>(
  query: SelectQueryBuilder<ControlSchema, 'anomalies', O>,
  filter: AnomalyFilter,
): SelectQueryBuilder<ControlSchema, 'anomalies', O> {
  let narrowed = query;
  if (filter.kind !== undefined) narrowed = narrowed.where('kind', '=', filter.kind);
  if (filter.severity !== undefined) narrowed = narrowed.where('severity', '=', filter.severity);
  if (filter.status !== undefined) narrowed = narrowed.where('status', '=', filter.status);
  if (filter.agentId !== undefined) narrowed = narrowed.where('agent_id', '=', filter.agentId);
  return narrowed;
}

function fromAnomaly(anomaly: Anomaly): Row {
  return {
    id: anomaly.id,
    project: anomaly.project,
    agent_id: anomaly.agentId,
    agent: anomaly.agent,
    kind: anomaly.kind,
    severity: anomaly.severity,
    status: anomaly.status,
    evidence_json: JSON.stringify(anomaly.evidence),
    opened_at_ms: anomaly.openedAtMs,
    detected_at_ms: anomaly.detectedAtMs,
    detections: anomaly.detections,
    reopened: anomaly.reopened,
    acknowledged_json: decisionText(anomaly.acknowledged),
    resolved_json: decisionText(anomaly.resolved),
  };
}

function toAnomaly(row: Row): Anomaly {
  return {
    id: row.id,
    project: row.project,
    agentId: row.agent_id,
    agent: row.agent,
    kind: row.kind as AnomalyKind,
    severity: row.severity as Severity,
    status: row.status as AnomalyStatus,
    evidence: JSON.parse(row.evidence_json) as AnomalyEvidence,
    openedAtMs: row.opened_at_ms,
    detectedAtMs: row.detected_at_ms,
    detections: row.detections,
    reopened: row.reopened,
    acknowledged: parseDecision(row.acknowledged_json),
    resolved: parseDecision(row.resolved_json),
  };
}

const decisionText = (decision: AnomalyDecision | null): string | null =>
  decision === null ? null : JSON.stringify(decision);

const parseDecision = (text: string | null): AnomalyDecision | null =>
  text === null ? null : (JSON.parse(text) as AnomalyDecision);
