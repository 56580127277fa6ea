import type { RiskLevel, RiskReason } from '../../model/risk.ts';
import type { RiskStore } from '../risk-store.ts';
import type { ControlDatabase, ControlTransaction } from './schema.ts';

const HISTORY_MAX = 200;

export function createRiskStore(database: ControlDatabase): RiskStore {
  return {
    record: (agentId, { score, level, reasons }, atMs) =>
      database.transaction().execute(async (transaction) => {
        const agent = await transaction
          .selectFrom('agents')
          .select('risk_score')
          .where('id', '=', agentId)
          .executeTakeFirst();
        if (agent === undefined) return undefined;
        const reasonsText = JSON.stringify(reasons);
        const newest = await transaction
          .selectFrom('risk_history')
          .select(['at_ms', 'score', 'reasons_json'])
          .where('agent_id', '=', agentId)
          .orderBy('at_ms', 'desc')
          .limit(1)
          .executeTakeFirst();
        const before = agent.risk_score;
        if (newest?.score === score && newest.reasons_json === reasonsText) {
          return { before, changed: false };
        }
        await transaction
          .updateTable('agents')
          .set({ risk_score: score, risk_level: level })
          .where('id', '=', agentId)
          .execute();
        await transaction
          .insertInto('risk_history')
          .values({
            agent_id: agentId,
            // Two changes within a millisecond are two entries.
            at_ms: Math.max(atMs, (newest?.at_ms ?? 0) + 1),
            score,
            level,
            reasons_json: reasonsText,
          })
          .execute();
        await forgetOldest(transaction, agentId);
        return { before, changed: true };
      }),

    async listHistory(agentId, limit) {
      const rows = await database
        .selectFrom('risk_history')
        .selectAll()
        .where('agent_id', '=', agentId)
        .orderBy('at_ms', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        atMs: row.at_ms,
        score: row.score,
        level: row.level as RiskLevel,
        reasons: JSON.parse(row.reasons_json) as RiskReason[],
      }));
    },

    async countByLevel(project) {
      const rows = await database
        .selectFrom('agents')
        .select((select) => ['risk_level', select.fn.countAll<number>().as('agents')])
        .where('project', '=', project)
        .where('status', 'not in', ['RETIRED', 'DISMISSED'])
        .groupBy('risk_level')
        .execute();
      return Object.fromEntries(rows.map((row) => [row.risk_level, row.agents]));
    },
  };
}

async function forgetOldest(transaction: ControlTransaction, agentId: string): Promise<void> {
  const oldestKept = await transaction
    .selectFrom('risk_history')
    .select('at_ms')
    .where('agent_id', '=', agentId)
    .orderBy('at_ms', 'desc')
    .offset(HISTORY_MAX - 1)
    .limit(1)
    .executeTakeFirst();
  if (oldestKept === undefined) return;
  await transaction
    .deleteFrom('risk_history')
    .where('agent_id', '=', agentId)
    .where('at_ms', '<', oldestKept.at_ms)
    .execute();
}
