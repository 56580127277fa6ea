import type { Selectable } from 'kysely';

import { formatDollars, parseDollars } from '../../model/money.ts';
import type { Severity } from '../../model/quality.ts';
import type { QualityRule, RuleDefinition } from '../../model/quality-rule.ts';
import type { JsonValue } from '../audit-log.ts';
import type { JudgeUse, QualitySettingStore } from '../quality-setting-store.ts';
import { appendAudit, changeAudited } from './audit-rows.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

export function createQualitySettingStore(database: ControlDatabase): QualitySettingStore {
  return {
    ...ruleMethods(database),
    ...checkMethods(database),
    ...judgeMethods(database),
    ...waitingMethods(database),
  };
}

type RuleMethods = Pick<
  QualitySettingStore,
  'listRules' | 'getRule' | 'createRule' | 'replaceRule' | 'removeRule'
>;

function ruleMethods(database: ControlDatabase): RuleMethods {
  return {
    async listRules(project) {
      let query = database.selectFrom('quality_rules').selectAll();
      if (project !== undefined) query = query.where('project', '=', project);
      const rows = await query.orderBy('project').orderBy('name').execute();
      return rows.map(toRule);
    },

    async getRule(project, id) {
      const row = await database
        .selectFrom('quality_rules')
        .selectAll()
        .where('project', '=', project)
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toRule(row);
    },

    createRule: (rule, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .insertInto('quality_rules')
          .values(fromRule(rule))
          .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
          .executeTakeFirst();
        return result.numInsertedOrUpdatedRows !== 0n;
      }),

    replaceRule: (rule, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const { id, project, ...changed } = fromRule(rule);
        const other = await transaction
          .selectFrom('quality_rules')
          .select('id')
          .where('project', '=', project)
          .where('name', '=', rule.name)
          .where('id', '!=', id)
          .executeTakeFirst();
        if (other !== undefined) return false;
        const result = await transaction
          .updateTable('quality_rules')
          .set(changed)
          .where('project', '=', project)
          .where('id', '=', id)
          .executeTakeFirst();
        return result.numUpdatedRows !== 0n;
      }),

    removeRule: (project, id, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const result = await transaction
          .deleteFrom('quality_rules')
          .where('project', '=', project)
          .where('id', '=', id)
          .executeTakeFirst();
        return result.numDeletedRows !== 0n;
      }),
  };
}

type CheckMethods = Pick<QualitySettingStore, 'listAgentChecks' | 'putOverrides' | 'putInferences'>;

function checkMethods(database: ControlDatabase): CheckMethods {
  return {
    async listAgentChecks() {
      const rows = await database
        .selectFrom('agent_checks')
        .selectAll()
        .orderBy('project')
        .orderBy('agent')
        .execute();
      return rows.map((row) => ({
        project: row.project,
        agent: row.agent,
        overrides: JSON.parse(row.overrides_json) as JsonValue,
        inferences: JSON.parse(row.inferences_json) as JsonValue,
      }));
    },

    async putOverrides(project, agent, overrides, entry) {
      const overrides_json = JSON.stringify(overrides);
      await database.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('agent_checks')
          .values({ project, agent, overrides_json, inferences_json: '[]' })
          .onConflict((conflict) =>
            conflict.columns(['project', 'agent']).doUpdateSet({ overrides_json }),
          )
          .execute();
        await appendAudit(transaction, [entry]);
      });
    },

    async putInferences(project, agent, inferences) {
      const inferences_json = JSON.stringify(inferences);
      await database
        .insertInto('agent_checks')
        .values({ project, agent, overrides_json: '[]', inferences_json })
        .onConflict((conflict) =>
          conflict.columns(['project', 'agent']).doUpdateSet({ inferences_json }),
        )
        .execute();
    },
  };
}

type JudgeMethods = Pick<QualitySettingStore, 'getJudgeUse' | 'addJudgeUse'>;

function judgeMethods(database: ControlDatabase): JudgeMethods {
  const getUse = async (
    from: Pick<ControlDatabase, 'selectFrom'>,
    project: string,
    day: string,
  ): Promise<JudgeUse> => {
    const row = await from
      .selectFrom('judge_use')
      .selectAll()
      .where('project', '=', project)
      .where('day', '=', day)
      .executeTakeFirst();
    return { calls: row?.calls ?? 0, cost: parseDollars(row?.cost ?? '0') ?? 0n };
  };
  return {
    getJudgeUse: (project, day) => getUse(database, project, day),

    async addJudgeUse(project, day, use) {
      await database.transaction().execute(async (transaction) => {
        const known = await getUse(transaction, project, day);
        const changed = {
          calls: known.calls + use.calls,
          cost: formatDollars(known.cost + use.cost),
        };
        await transaction
          .insertInto('judge_use')
          .values({ project, day, ...changed })
          .onConflict((conflict) => conflict.columns(['project', 'day']).doUpdateSet(changed))
          .execute();
      });
    },
  };
}

type WaitingMethods = Pick<QualitySettingStore, 'addWaiting' | 'removeWaiting' | 'listWaiting'>;

/** Rows of one statement: databases bound how many values it may have. */
const ROWS_AT_ONCE = 200;

function waitingMethods(database: ControlDatabase): WaitingMethods {
  return {
    async addWaiting(runs) {
      const rows = runs.map(({ project, traceId, runId, sinceMs }) => ({
        project,
        trace_id: traceId,
        run_id: runId,
        since_ms: sinceMs,
      }));
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        await database
          .insertInto('judge_queue')
          .values(rows.slice(at, at + ROWS_AT_ONCE))
          .onConflict((conflict) => conflict.columns(['project', 'trace_id', 'run_id']).doNothing())
          .execute();
      }
    },

    async removeWaiting({ project, traceId, runId }) {
      await database
        .deleteFrom('judge_queue')
        .where('project', '=', project)
        .where('trace_id', '=', traceId)
        .where('run_id', '=', runId)
        .execute();
    },

    async listWaiting(limit) {
      const rows = await database
        .selectFrom('judge_queue')
        .selectAll()
        .orderBy('since_ms')
        .orderBy('trace_id')
        .orderBy('run_id')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        project: row.project,
        traceId: row.trace_id,
        runId: row.run_id,
        sinceMs: row.since_ms,
      }));
    },
  };
}

function fromRule(rule: QualityRule): ControlSchema['quality_rules'] {
  return {
    id: rule.id,
    project: rule.project,
    name: rule.name,
    description: rule.description,
    target_trace_name: rule.targetTraceName,
    target_agent: rule.targetAgent,
    severity: rule.severity,
    enabled: rule.enabled ? 1 : 0,
    definition_json: JSON.stringify(rule.definition),
    created_at_ms: rule.createdAtMs,
    updated_at_ms: rule.updatedAtMs,
  };
}

function toRule(row: Selectable<ControlSchema['quality_rules']>): QualityRule {
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    description: row.description,
    targetTraceName: row.target_trace_name,
    targetAgent: row.target_agent,
    severity: row.severity as Severity,
    enabled: row.enabled === 1,
    definition: JSON.parse(row.definition_json) as RuleDefinition,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
