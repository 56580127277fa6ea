import { expect, test } from 'vitest';

import type { AgentFacets, AgentFilter, AgentPage } from '../agent-store.ts';
import type { ControlStore } from '../control-store.ts';
import { entryOf, type Context } from './conformance-context.ts';

const NO_FACETS: AgentFacets = {
  service: [],
  framework: [],
  sdk_language: [],
  model: [],
  provider: [],
  tool: [],
};

export function testAgents(context: Context): void {
  const register = (names: readonly string[], seenAtMs = 1_000) => {
    const { store, project } = context();
    return store.agents.register(
      names.map((name, index) => {
        const id = `agt_${project}_${seenAtMs}_${index}`;
        return {
          agent: { id, project, name, seenAtMs },
          entry: entryOf(project, 'agent.registered', id, seenAtMs),
        };
      }),
    );
  };

  test('registers a name once, and tells who did', async () => {
    const { store, project } = context();
    const [first] = await register(['sorter']);
    const again = await register(['sorter', 'caller'], 2_000);
    expect(again).toEqual([
      { id: first!.id, created: false },
      { id: `agt_${project}_2000_1`, created: true },
    ]);
    expect(await store.agents.get(project, first!.id)).toEqual({
      id: first!.id,
      project,
      name: 'sorter',
      status: 'UNREVIEWED',
      statusSinceMs: 1_000,
      firstSeenMs: 1_000,
      lastSeenMs: 1_000,
      owner: null,
      team: null,
      description: null,
      facts: {},
      approvedModels: null,
      facets: NO_FACETS,
      riskScore: 0,
      riskLevel: 'LOW',
    });
    const entries = await store.auditLog.find(project, {}, { limit: 10 });
    expect(entries.map((entry) => entry.target.id)).toEqual([again[1]!.id, first!.id]);
  });

  test('registers one agent when many register it at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) => register(['b', 'a'], 5_000 + index)),
    );
    const flat = outcomes.flat();
    expect(flat.filter((outcome) => outcome.created)).toHaveLength(2);
    expect(new Set(flat.map((outcome) => outcome.id)).size).toBe(2);
  });

  test('registers more agents at once than fit one statement', async () => {
    const { store, project } = context();
    const outcomes = await register(Array.from({ length: 1_201 }, (_, index) => `agent ${index}`));
    expect(outcomes.every((outcome) => outcome.created)).toBe(true);
    expect(await store.agents.countByStatus(project)).toEqual({ UNREVIEWED: 1_201 });
  });

  test('keeps the agents of projects apart', async () => {
    const { store, project } = context();
    const [mine] = await register(['sorter']);
    expect(await store.agents.get('another', mine!.id)).toBeUndefined();
    expect((await findNames(store, 'another', {})).total).toBe(0);
    expect(await store.agents.countByStatus('another')).toEqual({});
    expect(await store.agents.getLastSeen('another')).toBeUndefined();
    expect(await store.agents.getLastSeen(project)).toBe(1_000);
  });

  test('moves last seen forward only, and keeps each facet once', async () => {
    const { store, project } = context();
    const [a, b] = await register(['a', 'b']);
    await store.agents.recordSeen([
      { agentId: a!.id, seenAtMs: 9_000 },
      { agentId: b!.id, seenAtMs: 500 },
      { agentId: 'agt_gone', seenAtMs: 1 },
    ]);
    await store.agents.recordFacets([
      { agentId: a!.id, kind: 'model', value: 'm2' },
      { agentId: a!.id, kind: 'model', value: 'm1' },
      { agentId: a!.id, kind: 'tool', value: 'm1' },
    ]);
    await store.agents.recordFacets([
      { agentId: a!.id, kind: 'model', value: 'm1' },
      { agentId: b!.id, kind: 'provider', value: 'p' },
    ]);
    const found = await store.agents.find(project, {}, byName);
    expect(found.agents.map(({ lastSeenMs, facets }) => ({ lastSeenMs, facets }))).toEqual([
      { lastSeenMs: 9_000, facets: { ...NO_FACETS, model: ['m1', 'm2'], tool: ['m1'] } },
      { lastSeenMs: 1_000, facets: { ...NO_FACETS, provider: ['p'] } },
    ]);
    expect(await store.agents.listFacets([b!.id])).toEqual([
      { agentId: b!.id, kind: 'provider', value: 'p' },
    ]);
    expect(await store.agents.getLastSeen(project)).toBe(9_000);
  });

  test('lists what is known in pages', async () => {
    const { store, project } = context();
    await register(['a', 'b', 'c']);
    const first = `agt_${project}_`;
    const page = await store.agents.listKnown(first, 2);
    expect(page.map((agent) => agent.name)).toEqual(['a', 'b']);
    expect(page[0]).toEqual({ id: `${first}1000_0`, project, name: 'a', lastSeenMs: 1_000 });
    const [next] = await store.agents.listKnown(page[1]!.id, 1);
    expect(next?.name).toBe('c');
  });

  test('finds by filter, sorts and pages', async () => {
    const { store, project } = context();
    const [a, b, c] = await register(['Beta', 'alpha', '50%_off\\now']);
    await store.agents.recordFacets([
      { agentId: a!.id, kind: 'framework', value: 'langchain' },
      { agentId: a!.id, kind: 'model', value: 'm1' },
      { agentId: b!.id, kind: 'framework', value: 'langchain' },
      { agentId: b!.id, kind: 'provider', value: 'm1' },
    ]);
    await store.agents.recordSeen([{ agentId: a!.id, seenAtMs: 2_000 }]);
    const change = { project, id: c!.id, expectedStatus: 'UNREVIEWED' as const };
    await store.agents.change({ ...change, details: { owner: 'Ada L' } }, []);
    await store.agents.change({ ...change, status: { to: 'APPROVED', atMs: 3_000 } }, []);
    const names = (filter: AgentFilter, page: Partial<AgentPage> = {}) =>
      findNames(store, project, filter, page);

    expect(await names({})).toEqual({ names: ['50%_off\\now', 'alpha', 'Beta'], total: 3 });
    expect(await names({}, { direction: 'desc', limit: 1, offset: 1 })).toEqual({
      names: ['alpha'],
      total: 3,
    });
    expect(await names({}, { sort: 'last_seen', direction: 'desc', limit: 1 })).toEqual({
      names: ['Beta'],
      total: 3,
    });
    expect((await names({}, { sort: 'status', direction: 'desc' })).names[0]).toBe('50%_off\\now');
    expect((await names({}, { sort: 'first_seen' })).names).toEqual([
      'Beta',
      'alpha',
      '50%_off\\now',
    ]);
    expect((await names({ framework: 'langchain' })).names).toEqual(['alpha', 'Beta']);
    expect((await names({ framework: 'langchain', model: 'm1' })).names).toEqual(['Beta']);
    expect((await names({ provider: 'm1' })).names).toEqual(['alpha']);
    expect((await names({ status: 'APPROVED' })).names).toEqual(['50%_off\\now']);
    expect((await names({ search: 'ALPH' })).names).toEqual(['alpha']);
    expect((await names({ search: 'ada' })).names).toEqual(['50%_off\\now']);
    expect((await names({ search: '%_OFF\\' })).names).toEqual(['50%_off\\now']);
    expect((await names({ search: '_' })).names).toEqual(['50%_off\\now']);
    expect((await names({ search: "'; DROP TABLE agents; --" })).names).toEqual([]);
  });

  test('changes an agent only from the status that was expected, together with its entries', async () => {
    const { store, project } = context();
    const [agent] = await register(['sorter']);
    const change = {
      project,
      id: agent!.id,
      expectedStatus: 'UNREVIEWED' as const,
      status: { to: 'APPROVED' as const, atMs: 7_000 },
      details: { team: 'ops' },
    };
    const entry = entryOf(project, 'agent.reviewed', agent!.id);
    expect(await store.agents.change(change, [entry])).toBe(true);
    expect(await store.agents.change(change, [entry])).toBe(false);
    expect(await store.agents.change({ ...change, id: 'agt_gone' }, [entry])).toBe(false);
    const after = await store.agents.get(project, agent!.id);
    expect([after?.status, after?.statusSinceMs, after?.team]).toEqual(['APPROVED', 7_000, 'ops']);
    expect(await store.agents.listStandings(project)).toEqual([
      { id: agent!.id, name: 'sorter', status: 'APPROVED', team: 'ops' },
    ]);
    expect(await store.agents.listStandings('another')).toEqual([]);
    const reviews = await store.auditLog.find(project, { action: 'agent.reviewed' }, { limit: 9 });
    expect(reviews).toHaveLength(1);
    expect(reviews[0]).toEqual({ ...entry, sequence: reviews[0]!.sequence });
  });

  test('lets one of many changes at once win', async () => {
    const { store, project } = context();
    const [agent] = await register(['sorter']);
    const outcomes = await Promise.all(
      ['APPROVED', 'DISMISSED', 'APPROVED', 'PENDING_REVIEW'].map((to) =>
        store.agents.change(
          {
            project,
            id: agent!.id,
            expectedStatus: 'UNREVIEWED',
            status: { to: to as 'APPROVED', atMs: 1 },
          },
          [entryOf(project, 'agent.reviewed', agent!.id)],
        ),
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    const reviews = await store.auditLog.find(project, { action: 'agent.reviewed' }, { limit: 9 });
    expect(reviews).toHaveLength(1);
  });
}

const byName: AgentPage = { sort: 'name', direction: 'asc', offset: 0, limit: 100 };

async function findNames(
  store: ControlStore,
  project: string,
  filter: AgentFilter,
  page: Partial<AgentPage> = {},
) {
  const found = await store.agents.find(project, filter, { ...byName, ...page });
  return { names: found.agents.map((agent) => agent.name), total: found.total };
}
