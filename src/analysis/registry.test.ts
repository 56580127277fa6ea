import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { NOON_MS, sightingOf } from '../../test/harness/api.ts';
import type { AgentStore } from '../storage/agent-store.ts';
import type { ControlStore } from '../storage/control-store.ts';
import { openControlStore } from '../storage/relational/control-store.ts';
import { startRegistry, type Registry, type RegistryOptions } from './registry.ts';

const clock = { nowMs: NOON_MS, now: () => clock.nowMs };
let directory: string;
let store: ControlStore;
const started: Registry[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'signalbox-registry-'));
  clock.nowMs = NOON_MS;
  store = await openControlStore({ kind: 'sqlite', path: join(directory, 'control.db'), clock });
});
afterEach(async () => {
  for (const registry of started.splice(0)) await registry.shutdown();
  await store.close();
  rmSync(directory, { recursive: true });
});

/** With a flush interval that no test outlasts: what is written is written by `flush`. */
async function start(options: Partial<RegistryOptions> = {}): Promise<Registry> {
  const registry = await startRegistry({
    agents: store.agents,
    clock,
    flushIntervalMs: 3_600_000,
    ...options,
  });
  started.push(registry);
  return registry;
}

async function stored(project = 'default') {
  const page = { sort: 'name', direction: 'asc', offset: 0, limit: 500 } as const;
  return (await store.agents.find(project, {}, page)).agents;
}

test('registers a new agent with what it was seen with, before it resolves', async () => {
  const registry = await start();
  const { discovered } = await registry.observe([
    sightingOf('sorter', {
      services: ['mail'],
      frameworks: ['langchain'],
      sdkLanguages: ['python'],
      models: ['m2', 'm1', 'm1'],
      providers: ['openai'],
      tools: ['search'],
    }),
  ]);
  expect(await stored()).toEqual([
    {
      id: discovered[0],
      project: 'default',
      name: 'sorter',
      status: 'UNREVIEWED',
      statusSinceMs: NOON_MS,
      firstSeenMs: NOON_MS,
      lastSeenMs: NOON_MS,
      owner: null,
      team: null,
      description: null,
      facts: {},
      approvedModels: null,
      riskScore: 0,
      riskLevel: 'LOW',
      facets: {
        service: ['mail'],
        framework: ['langchain'],
        sdk_language: ['python'],
        model: ['m1', 'm2'],
        provider: ['openai'],
        tool: ['search'],
      },
    },
  ]);
  const [entry] = await store.auditLog.find('default', {}, { limit: 9 });
  expect(entry).toEqual({
    sequence: entry!.sequence,
    project: 'default',
    atMs: NOON_MS,
    actor: { kind: 'system', id: 'signalbox', name: 'Signalbox' },
    action: 'agent.registered',
    target: { kind: 'agent', id: discovered[0] },
    reason: null,
    detail: { name: 'sorter', status: 'UNREVIEWED' },
  });
});

test('registers one agent however many sightings of it come at once', async () => {
  const registry = await start();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      registry.observe([
        sightingOf('sorter', { seenAtMs: NOON_MS + index, models: [`model ${index % 3}`] }),
        sightingOf(`other ${index % 2}`),
      ]),
    ),
  );
  expect(outcomes.flatMap((outcome) => outcome.discovered)).toHaveLength(3);
  await registry.flush();
  const agents = await stored();
  expect(agents.map((agent) => agent.name)).toEqual(['other 0', 'other 1', 'sorter']);
  expect(agents[2]).toMatchObject({
    lastSeenMs: NOON_MS + 49,
    facets: { model: ['model 0', 'model 1', 'model 2'] },
  });
});

test('finds no agent that another replica has registered, and notes when it saw it', async () => {
  const one = await start();
  const other = await start();
  expect((await one.observe([sightingOf('sorter')])).discovered).toHaveLength(1);
  expect(
    await other.observe([sightingOf('sorter', { seenAtMs: NOON_MS + 5, models: ['m'] })]),
  ).toEqual({ discovered: [] });
  await other.flush();
  expect(await stored()).toMatchObject([{ lastSeenMs: NOON_MS + 5, facets: { model: ['m'] } }]);
});

test('keeps one agent per project and name', async () => {
  const registry = await start();
  const { discovered } = await registry.observe([
    sightingOf('sorter'),
    sightingOf('sorter', { project: 'another' }),
    sightingOf('Sorter'),
  ]);
  expect(new Set(discovered).size).toBe(3);
  expect((await stored('another')).map((agent) => agent.name)).toEqual(['sorter']);
});

test('knows after a restart what it knew before', async () => {
  const before = await start();
  await before.observe(Array.from({ length: 501 }, (_, index) => sightingOf(`agent ${index}`)));
  await before.observe([sightingOf('agent 7', { models: ['m'] })]);
  await before.shutdown();
  const after = await start();
  const writes: string[] = [];
  const watched = await start({ agents: watch(store.agents, writes) });
  expect(await after.observe([sightingOf('agent 500')])).toEqual({ discovered: [] });
  expect(await watched.observe([sightingOf('agent 7', { models: ['m'] })])).toEqual({
    discovered: [],
  });
  await watched.flush();
  expect(writes).toEqual([]);
});

/** The same store, noting which writes reach it. */
function watch(agents: AgentStore, writes: string[]): AgentStore {
  return {
    ...agents,
    register: (...given) => {
      writes.push('register');
      return agents.register(...given);
    },
    recordSeen: (...given) => {
      writes.push('recordSeen');
      return agents.recordSeen(...given);
    },
    recordFacets: (...given) => {
      writes.push('recordFacets');
      return agents.recordFacets(...given);
    },
  };
}

test('writes the store once for many requests', async () => {
  const writes: string[] = [];
  const registry = await start({ agents: watch(store.agents, writes) });
  await registry.observe([sightingOf('sorter')]);
  writes.length = 0;
  for (let index = 1; index <= 1_000; index += 1) {
    await registry.observe([sightingOf('sorter', { seenAtMs: NOON_MS + index, models: ['m'] })]);
  }
  expect(writes).toEqual([]);
  await registry.flush();
  expect(writes).toEqual(['recordFacets', 'recordSeen']);
  expect(await stored()).toMatchObject([{ lastSeenMs: NOON_MS + 1_000 }]);
});

test('flushes by itself', async () => {
  let flushed = () => {};
  const done = new Promise<void>((resolve) => {
    flushed = resolve;
  });
  const agents: AgentStore = {
    ...store.agents,
    recordSeen: async (seen) => {
      await store.agents.recordSeen(seen);
      flushed();
    },
  };
  const registry = await start({ agents, flushIntervalMs: 1 });
  await registry.observe([sightingOf('sorter')]);
  await registry.observe([sightingOf('sorter', { seenAtMs: NOON_MS + 9 })]);
  await done;
  expect(await stored()).toMatchObject([{ lastSeenMs: NOON_MS + 9 }]);
});

test('keeps what a failed flush could not write', async () => {
  let broken = true;
  const refuse = async (): Promise<never> => {
    throw new Error('disk full');
  };
  const agents: AgentStore = {
    ...store.agents,
    recordSeen: (seen) => (broken ? refuse() : store.agents.recordSeen(seen)),
  };
  const registry = await start({ agents });
  await registry.observe([sightingOf('sorter')]);
  await registry.observe([sightingOf('sorter', { seenAtMs: NOON_MS + 9 })]);
  await expect(registry.flush()).rejects.toThrow('disk full');
  broken = false;
  await registry.flush();
  expect(await stored()).toMatchObject([{ lastSeenMs: NOON_MS + 9 }]);
});

test('rejects when the store cannot take a new agent, and takes it the next time', async () => {
  let broken = true;
  const agents: AgentStore = {
    ...store.agents,
    register: async (given) => {
      if (broken) throw new Error('disk full');
      return store.agents.register(given);
    },
  };
  const registry = await start({ agents });
  const outcomes = await Promise.allSettled([
    registry.observe([sightingOf('sorter'), sightingOf('caller')]),
    registry.observe([sightingOf('sorter')]),
  ]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  broken = false;
  expect((await registry.observe([sightingOf('sorter')])).discovered).toHaveLength(1);
});

test('counts names over the limit, and still knows those within', async () => {
  const registry = await start({ agentsMax: 2 });
  const first = await registry.observe([sightingOf('a'), sightingOf('b'), sightingOf('c')]);
  expect(first.discovered).toHaveLength(2);
  expect(await registry.observe([sightingOf('c'), sightingOf('a')])).toEqual({ discovered: [] });
  expect(registry.unregistered()).toEqual({ overLimit: 2, unusableName: 0 });
  expect((await stored()).map((agent) => agent.name)).toEqual(['a', 'b']);
});

test('counts names that no store can hold and no person can read', async () => {
  const registry = await start();
  const names = ['', 'a\0b', 'x'.repeat(257)];
  expect(await registry.observe(names.map((name) => sightingOf(name)))).toEqual({ discovered: [] });
  expect(registry.unregistered()).toEqual({ overLimit: 0, unusableName: 3 });
});

test('keeps at most 100 values of a kind, and none that is absurd', async () => {
  const registry = await start();
  const models = Array.from({ length: 150 }, (_, index) => `model ${index}`);
  await registry.observe([sightingOf('sorter', { models, tools: ['', 'a\0', 'x'.repeat(257)] })]);
  await registry.observe([sightingOf('sorter', { models: ['one more'] })]);
  await registry.flush();
  const [agent] = await stored();
  expect([agent?.facets.model.length, agent?.facets.tool]).toEqual([100, []]);
});

test('registers what a crash kept from being observed, and counts no refusal twice', async () => {
  const registry = await start({ agentsMax: 1 });
  await registry.ensure([sightingOf('sorter'), sightingOf('over the limit'), sightingOf('\0')]);
  expect(await stored()).toMatchObject([{ name: 'sorter', status: 'UNREVIEWED' }]);
  expect(registry.unregistered()).toEqual({ overLimit: 0, unusableName: 0 });
});

test('shuts down twice without complaint', async () => {
  const registry = await start();
  await registry.shutdown();
  await registry.shutdown();
});
