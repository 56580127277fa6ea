import { sql, type RawBuilder, type SelectQueryBuilder, type Selectable } from 'kysely';

import { AGENT_STATUSES, type AgentStatus } from '../../model/agent.ts';
import type { AgentFacts, RiskLevel } from '../../model/risk.ts';
import {
  AGENT_FACET_KINDS,
  type Agent,
  type AgentFacetKind,
  type AgentFacets,
  type AgentFilter,
  type AgentPage,
} from '../agent-store.ts';
import type { ControlDatabase, ControlSchema } from './schema.ts';

type AgentRow = Selectable<ControlSchema['agents']>;

export async function getAgent(
  database: ControlDatabase,
  project: string,
  column: 'id' | 'name',
  value: string,
): Promise<Agent | undefined> {
  const rows = await database
    .selectFrom('agents')
    .selectAll()
    .where('project', '=', project)
    .where(column, '=', value)
    .execute();
  const agents = await withFacets(database, rows);
  return agents[0];
}

export async function findAgents(
  database: ControlDatabase,
  project: string,
  filter: AgentFilter,
  page: AgentPage,
): Promise<{ readonly agents: readonly Agent[]; readonly total: number }> {
  const fitting = narrow(database.selectFrom('agents').where('project', '=', project), filter);
  const { total } = await fitting
    .select((select) => select.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await fitting
    .selectAll()
    .orderBy(SORT_EXPRESSIONS[page.sort], page.direction)
    .orderBy('id', page.direction)
    .offset(page.offset)
    .limit(page.limit)
    .execute();
  return { agents: await withFacets(database, rows), total };
}

function narrow<O>(
  query: SelectQueryBuilder<ControlSchema, 'agents', O>,
  filter: AgentFilter,
): SelectQueryBuilder<ControlSchema, 'agents', O> {
  let narrowed = query;
  if (filter.status !== undefined) narrowed = narrowed.where('status', '=', filter.status);
  if (filter.riskLevel !== undefined) {
    narrowed = narrowed.where('risk_level', '=', filter.riskLevel);
  }
  if (filter.team !== undefined) narrowed = narrowed.where('team', '=', filter.team);
  if (filter.noOwner !== undefined) {
    narrowed = narrowed.where('owner', filter.noOwner ? 'is' : 'is not', null);
  }
  for (const kind of ['framework', 'model', 'provider'] as const) {
    const value = filter[kind];
    if (value === undefined) continue;
    narrowed = narrowed.where((where) =>
      where.exists(
        where
          .selectFrom('agent_facets')
          .select('agent_facets.value')
          .whereRef('agent_facets.agent_id', '=', 'agents.id')
          .where('agent_facets.kind', '=', kind)
          .where('agent_facets.value', '=', value),
      ),
    );
  }
  if (filter.search !== undefined) {
    const part = `%${filter.search.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    narrowed = narrowed.where(
      sql<boolean>`(name_folded LIKE ${part} ESCAPE '\\' OR lower(owner) LIKE ${part} ESCAPE '\\' OR lower(team) LIKE ${part} ESCAPE '\\')`,
    );
  }
  return narrowed;
}

const STATUS_RANKS = AGENT_STATUSES.map(
  (status, rank) => sql`WHEN ${sql.lit(status)} THEN ${sql.lit(rank)}`,
);

/** A status sorts by its place in an agent's life. */
const SORT_EXPRESSIONS: Readonly<Record<AgentPage['sort'], RawBuilder<unknown>>> = {
  name: sql`name_folded`,
  first_seen: sql`first_seen_ms`,
  last_seen: sql`last_seen_ms`,
  risk_score: sql`risk_score`,
  status: sql`CASE status ${sql.join(STATUS_RANKS, sql` `)} END`,
};

async function withFacets(
  database: ControlDatabase,
  rows: readonly AgentRow[],
): Promise<readonly Agent[]> {
  if (rows.length === 0) return [];
  const facetRows = await database
    .selectFrom('agent_facets')
    .selectAll()
    .where(
      'agent_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('value')
    .execute();
  const facetsById = new Map(rows.map((row) => [row.id, emptyFacets()]));
  for (const row of facetRows)
    facetsById.get(row.agent_id)?.[row.kind as AgentFacetKind].push(row.value);
  return rows.map((row) => fromRow(row, facetsById.get(row.id) ?? emptyFacets()));
}

function emptyFacets(): Record<AgentFacetKind, string[]> {
  return Object.fromEntries(AGENT_FACET_KINDS.map((kind) => [kind, []])) as unknown as Record<
    AgentFacetKind,
    string[]
  >;
}

function fromRow(row: AgentRow, facets: AgentFacets): Agent {
  return {
    id: row.id,
    project: row.project,
    name: row.name,
    status: row.status as AgentStatus,
    statusSinceMs: row.status_since_ms,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    owner: row.owner,
    team: row.team,
    description: row.description,
    facts: JSON.parse(row.facts_json) as AgentFacts,
    approvedModels:
      row.approved_models_json === null ? null : (JSON.parse(row.approved_models_json) as string[]),
    facets,
    riskScore: row.risk_score,
    riskLevel: row.risk_level as RiskLevel,
  };
}
