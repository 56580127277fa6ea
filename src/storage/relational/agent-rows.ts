import { sql } from 'kysely';

import type { AgentStatus } from '../../model/agent.ts';
import type { AgentDetails, AgentFacetKind, AgentStore } from '../agent-store.ts';
import { findAgents, getAgent } from './agent-query.ts';
import { appendAudit } from './audit-rows.ts';
import type { ControlDatabase, ControlTransaction } from './schema.ts';

type NewAgents = Parameters<AgentStore['register']>[0];

/** Rows in one statement: far below the parameters that either engine takes. */
const ROWS_MAX = 500;

export function createAgentStore(database: ControlDatabase): AgentStore {
  return {
    register: (agents) => register(database, agents),
    get: (project, id) => getAgent(database, project, 'id', id),
    getByName: (project, name) => getAgent(database, project, 'name', name),
    find: (project, filter, page) => findAgents(database, project, filter, page),
    ...known(database),
    ...activity(database),
    ...summary(database),

    change: ({ project, id, expectedStatus, status, details = {} }, entries) =>
      database.transaction().execute(async (transaction) => {
        const result = await transaction
          .updateTable('agents')
          .set({
            // An assignment, so that the row is taken and the status checked when nothing else changes.
            status: status?.to ?? expectedStatus,
            ...(status === undefined ? {} : { status_since_ms: status.atMs }),
            ...toColumns(details),
          })
          .where('project', '=', project)
          .where('id', '=', id)
          .where('status', '=', expectedStatus)
          .executeTakeFirst();
        if (result.numUpdatedRows === 0n) return false;
        await appendAudit(transaction, entries);
        return true;
      }),
  };
}

function toColumns({ facts, approvedModels, ...texts }: Partial<AgentDetails>) {
  return {
    ...texts,
    ...(facts === undefined ? {} : { facts_json: JSON.stringify(facts) }),
    ...(approvedModels === undefined
      ? {}
      : {
          approved_models_json: approvedModels === null ? null : JSON.stringify(approvedModels),
        }),
  };
}

async function register(database: ControlDatabase, agents: NewAgents) {
  const outcome: { id: string; created: boolean }[] = [];
  for (const chunk of chunksOf(agents)) {
    const part = await database
      .transaction()
      .execute((transaction) => registerChunk(transaction, chunk));
    outcome.push(...part);
  }
  return outcome;
}

async function registerChunk(transaction: ControlTransaction, agents: NewAgents) {
  // Two replicas that register the same names take their rows in one order, so neither waits for ever.
  const ordered = agents.toSorted((a, b) => (a.agent.name < b.agent.name ? -1 : 1));
  const inserted = await transaction
    .insertInto('agents')
    .values(
      ordered.map(({ agent }) => ({
        id: agent.id,
        project: agent.project,
        name: agent.name,
        name_folded: agent.name.toLowerCase(),
        status: 'UNREVIEWED' satisfies AgentStatus,
        status_since_ms: agent.seenAtMs,
        first_seen_ms: agent.seenAtMs,
        last_seen_ms: agent.seenAtMs,
        owner: null,
        team: null,
        description: null,
      })),
    )
    .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
    .returning('id')
    .execute();
  const created = new Set(inserted.map((row) => row.id));
  await appendAudit(
    transaction,
    agents.filter(({ agent }) => created.has(agent.id)).map(({ entry }) => entry),
  );
  if (created.size === agents.length) {
    return agents.map(({ agent }) => ({ id: agent.id, created: true }));
  }
  const idByName = await idsByName(transaction, agents);
  return agents.map(({ agent }) => ({
    id: idByName.get(`${agent.project}\n${agent.name}`) ?? agent.id,
    created: created.has(agent.id),
  }));
}

async function idsByName(transaction: ControlTransaction, agents: NewAgents) {
  const rows = await transaction
    .selectFrom('agents')
    .select(['id', 'project', 'name'])
    .where(
      'project',
      'in',
      agents.map(({ agent }) => agent.project),
    )
    .where(
      'name',
      'in',
      agents.map(({ agent }) => agent.name),
    )
    .execute();
  return new Map(rows.map((row) => [`${row.project}\n${row.name}`, row.id]));
}

function known(
  database: ControlDatabase,
): Pick<AgentStore, 'listKnown' | 'listStandings' | 'listFacets' | 'listSeenSince' | 'listTeams'> {
  return {
    async listSeenSince(sinceMs, { limit, after }) {
      let query = database
        .selectFrom('agents')
        .select(['id', 'project', 'name', 'last_seen_ms'])
        .where('last_seen_ms', '>=', sinceMs);
      if (after !== undefined) {
        query = query.where(
          sql<boolean>`(last_seen_ms, id) > (CAST(${after.lastSeenMs} AS BIGINT), ${after.id})`,
        );
      }
      const rows = await query.orderBy('last_seen_ms').orderBy('id').limit(limit).execute();
      return rows.map(toKnown);
    },

    async listTeams() {
      const rows = await database
        .selectFrom('agents')
        .select(['project', 'name', 'team'])
        .where('team', 'is not', null)
        .orderBy('id')
        .execute();
      return rows.map(({ project, name, team }) => ({ project, name, team: team ?? '' }));
    },

    async listKnown(afterId, limit) {
      const rows = await database
        .selectFrom('agents')
        .select(['id', 'project', 'name', 'last_seen_ms'])
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toKnown);
    },

    async listStandings(project) {
      const rows = await database
        .selectFrom('agents')
        .select(['id', 'name', 'status', 'team'])
        .where('project', '=', project)
        .orderBy('name')
        .execute();
      return rows.map((row) => ({ ...row, status: row.status as AgentStatus }));
    },

    async listFacets(agentIds) {
      if (agentIds.length === 0) return [];
      const rows = await database
        .selectFrom('agent_facets')
        .selectAll()
        .where('agent_id', 'in', agentIds)
        .orderBy('agent_id')
        .orderBy('kind')
        .orderBy('value')
        .execute();
      return rows.map((row) => ({
        agentId: row.agent_id,
        kind: row.kind as AgentFacetKind,
        value: row.value,
      }));
    },
  };
}

function toKnown(row: { id: string; project: string; name: string; last_seen_ms: number }) {
  return { id: row.id, project: row.project, name: row.name, lastSeenMs: row.last_seen_ms };
}

function activity(database: ControlDatabase): Pick<AgentStore, 'recordSeen' | 'recordFacets'> {
  return {
    async recordSeen(seen) {
      for (const chunk of chunksOf(seen)) {
        const rows = sql.join(
          chunk.map(
            ({ agentId, seenAtMs }) => sql`(CAST(${agentId} AS TEXT), CAST(${seenAtMs} AS BIGINT))`,
          ),
        );
        await sql`
          WITH seen (agent_id, at_ms) AS (VALUES ${rows})
          UPDATE agents SET last_seen_ms = seen.at_ms FROM seen
          WHERE agents.id = seen.agent_id AND agents.last_seen_ms < seen.at_ms
        `.execute(database);
      }
    },

    async recordFacets(facets) {
      for (const chunk of chunksOf(facets)) {
        await database
          .insertInto('agent_facets')
          .values(chunk.map(({ agentId, kind, value }) => ({ agent_id: agentId, kind, value })))
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
  };
}

function summary(database: ControlDatabase): Pick<AgentStore, 'countByStatus' | 'getLastSeen'> {
  return {
    async countByStatus(project) {
      const rows = await database
        .selectFrom('agents')
        .select((select) => ['status', select.fn.countAll<number>().as('agents')])
        .where('project', '=', project)
        .groupBy('status')
        .execute();
      return Object.fromEntries(rows.map((row) => [row.status, row.agents]));
    },

    async getLastSeen(project) {
      const row = await database
        .selectFrom('agents')
        .select((select) => select.fn.max('last_seen_ms').as('last_seen_ms'))
        .where('project', '=', project)
        .executeTakeFirst();
      return row?.last_seen_ms ?? undefined;
    },
  };
}

function* chunksOf<T>(rows: readonly T[]): Iterable<readonly T[]> {
  for (let start = 0; start < rows.length; start += ROWS_MAX) {
    yield rows.slice(start, start + ROWS_MAX);
  }
}
