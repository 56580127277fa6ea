import { sql } from 'kysely';

import { DEFAULT_HEALTH_BOUNDS, type HealthState } from '../../model/health.ts';
import type { AgentHealth, HealthStore } from '../health-store.ts';
import { changeAudited } from './audit-rows.ts';
import type { ControlDatabase } from './schema.ts';

const ROWS_MAX = 500;

export function createHealthStore(database: ControlDatabase): HealthStore {
  return { ...changes(database), ...questions(database) };
}

function changes(database: ControlDatabase): Pick<HealthStore, 'recordHeartbeats' | 'setBounds'> {
  return {
    async recordHeartbeats(heartbeats) {
      for (let start = 0; start < heartbeats.length; start += ROWS_MAX) {
        const rows = sql.join(
          heartbeats
            .slice(start, start + ROWS_MAX)
            .map(
              ({ agentId, atMs, status, version }) =>
                sql`(CAST(${agentId} AS TEXT), CAST(${atMs} AS BIGINT), CAST(${status} AS TEXT), CAST(${version} AS TEXT))`,
            ),
        );
        await sql`
          WITH beat (agent_id, at_ms, status, version) AS (VALUES ${rows})
          INSERT INTO agent_health (agent_id, heartbeat_ms, reported_status, reported_version)
          SELECT beat.agent_id, beat.at_ms, beat.status, beat.version FROM beat
          INNER JOIN agents ON agents.id = beat.agent_id WHERE true
          ON CONFLICT (agent_id) DO UPDATE SET heartbeat_ms = excluded.heartbeat_ms,
            reported_status = excluded.reported_status, reported_version = excluded.reported_version
          WHERE agent_health.heartbeat_ms IS NULL OR agent_health.heartbeat_ms <= excluded.heartbeat_ms
        `.execute(database);
      }
    },

    setBounds: (project, agentId, bounds, entry) =>
      changeAudited(database, entry, async (transaction) => {
        const agent = await transaction
          .selectFrom('agents')
          .select('id')
          .where('project', '=', project)
          .where('id', '=', agentId)
          .executeTakeFirst();
        if (agent === undefined) return false;
        const changed = {
          healthy_within_ms: bounds?.healthyWithinMs ?? null,
          degraded_within_ms: bounds?.degradedWithinMs ?? null,
        };
        const silent = { heartbeat_ms: null, reported_status: null, reported_version: null };
        await transaction
          .insertInto('agent_health')
          .values({ agent_id: agentId, ...silent, ...changed })
          .onConflict((conflict) => conflict.column('agent_id').doUpdateSet(changed))
          .execute();
        return true;
      }),
  };
}

function questions(database: ControlDatabase): Pick<HealthStore, 'list' | 'countByHealth'> {
  return {
    async list(agentIds) {
      if (agentIds.length === 0) return new Map();
      const rows = await database
        .selectFrom('agent_health')
        .selectAll()
        .where('agent_id', 'in', agentIds)
        .execute();
      return new Map(
        rows.map((row): [string, AgentHealth] => [
          row.agent_id,
          {
            heartbeatMs: row.heartbeat_ms,
            reportedStatus: row.reported_status,
            reportedVersion: row.reported_version,
            bounds:
              row.healthy_within_ms === null || row.degraded_within_ms === null
                ? null
                : {
                    healthyWithinMs: row.healthy_within_ms,
                    degradedWithinMs: row.degraded_within_ms,
                  },
          },
        ]),
      );
    },

    async countByHealth(project, nowMs) {
      const { healthyWithinMs, degradedWithinMs } = DEFAULT_HEALTH_BOUNDS;
      const { rows } = await sql<{ health: HealthState; agents: number }>`
        WITH silent (ms, healthy_ms, degraded_ms) AS (
          SELECT CAST(${nowMs} AS BIGINT) - CASE WHEN heartbeat_ms > last_seen_ms THEN heartbeat_ms ELSE last_seen_ms END,
            COALESCE(healthy_within_ms, ${sql.lit(healthyWithinMs)}),
            COALESCE(degraded_within_ms, ${sql.lit(degradedWithinMs)})
          FROM agents LEFT JOIN agent_health ON agent_health.agent_id = agents.id
          WHERE project = ${project} AND status NOT IN ('RETIRED', 'DISMISSED')
        ), judged (health) AS (
          SELECT CASE WHEN ms <= healthy_ms THEN 'healthy' WHEN ms <= degraded_ms THEN 'degraded' ELSE 'down' END
          FROM silent
        )
        SELECT health, count(*) AS agents FROM judged GROUP BY health
      `.execute(database);
      return Object.fromEntries(rows.map((row) => [row.health, row.agents]));
    },
  };
}
