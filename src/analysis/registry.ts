import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Clock } from '../base/clock.ts';
import { randomId, type NewId } from '../base/random-id.ts';
import type { AgentSighting } from '../model/agent.ts';
import {
  AGENT_FACET_KINDS,
  type AgentFacet,
  type AgentFacetKind,
  type AgentStore,
} from '../storage/agent-store.ts';
import { SYSTEM_ACTOR } from '../storage/audit-log.ts';
import { ActivityBuffer } from './activity-buffer.ts';

export interface RegistryOptions {
  readonly agents: AgentStore;
  readonly clock: Clock;
  readonly newId?: NewId;
  /** Agents beyond this many, in all projects, are not registered but counted. */
  readonly agentsMax?: number;
  /** How long last-seen times and new facets may wait in memory. */
  readonly flushIntervalMs?: number;
  readonly onFlushError?: (error: unknown) => void;
}

/** Finds agents in what telemetry was seen, and keeps what is known of each. */
export interface Registry {
  /**
   * Registers each agent that is new as `UNREVIEWED` and notes when and with what each was seen. Resolves when the
   * new ones are durable, to the ids that this call registered. Seeing the same again changes nothing, so a replay may
   * observe what was observed before. Rejects when the store cannot take a new agent.
   */
  observe(sightings: readonly AgentSighting[]): Promise<{ readonly discovered: readonly string[] }>;

  /**
   * Registers, as `observe`, what a crash may have kept from being registered when its telemetry was acknowledged.
   * Names that cannot be registered were counted then.
   */
  ensure(sightings: readonly AgentSighting[]): Promise<void>;

  /** Sightings of names that were not registered, since the start: too many agents, or no usable name. */
  unregistered(): { readonly overLimit: number; readonly unusableName: number };

  /** Writes what waits in memory. */
  flush(): Promise<void>;

  /** Flushes and stops. Safe to call twice. */
  shutdown(): Promise<void>;
}

const AGENTS_MAX = 10_000;
const FACET_VALUES_MAX = 100;
const TEXT_LENGTH_MAX = 256;
const ROWS_AT_ONCE = 500;

const FACET_FIELDS = {
  service: 'services',
  framework: 'frameworks',
  sdk_language: 'sdkLanguages',
  model: 'models',
  provider: 'providers',
  tool: 'tools',
} as const satisfies Record<AgentFacetKind, keyof AgentSighting>;

interface Entry {
  readonly id: string;
  lastSeenMs: number;
  readonly facets: ReadonlyMap<AgentFacetKind, Set<string>>;
}

interface Registration {
  readonly key: string;
  readonly sighting: AgentSighting;
  readonly settle: (created: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/** Loads what is registered, and answers from memory from then on. */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const registry = new AgentRegistry(options);
  await registry.load();
  return registry;
}

class AgentRegistry implements Registry {
  readonly #agents: AgentStore;
  readonly #newId: NewId;
  readonly #agentsMax: number;
  readonly #activity: ActivityBuffer;
  readonly #entries = new Map<string, Entry>();
  /** Names on their way into the store, so that sightings at once register once. */
  readonly #underWay = new Map<string, Promise<boolean>>();
  #queue: Registration[] = [];
  #draining = false;
  #overLimit = 0;
  #unusableName = 0;

  constructor(options: RegistryOptions) {
    this.#agents = options.agents;
    this.#newId = options.newId ?? randomId;
    this.#agentsMax = options.agentsMax ?? AGENTS_MAX;
    this.#activity = new ActivityBuffer({
      agents: options.agents,
      intervalMs: options.flushIntervalMs ?? 1_000,
      onError: options.onFlushError ?? (() => undefined),
    });
  }

  async load(): Promise<void> {
    let afterId = '';
    for (;;) {
      const page = await this.#agents.listKnown(afterId, ROWS_AT_ONCE);
      const entries = new Map<string, Entry>();
      for (const { id, project, name, lastSeenMs } of page) {
        const entry = createEntry(id, lastSeenMs);
        entries.set(id, entry);
        this.#entries.set(keyOf(project, name), entry);
        afterId = id;
      }
      for (const facet of await this.#agents.listFacets([...entries.keys()])) {
        entries.get(facet.agentId)?.facets.get(facet.kind)?.add(facet.value);
      }
      if (page.length < ROWS_AT_ONCE) return;
    }
  }

  observe(sightings: readonly AgentSighting[]) {
    return this.#observe(sightings, true);
  }

  async #observe(sightings: readonly AgentSighting[], countsRefused: boolean) {
    const mine: { key: string; created: Promise<boolean> }[] = [];
    const waits: Promise<unknown>[] = [];
    const late: { key: string; sighting: AgentSighting }[] = [];
    for (const sighting of sightings) {
      const key = keyOf(sighting.project, sighting.name);
      const entry = this.#entries.get(key);
      if (entry !== undefined) {
        this.#merge(entry, sighting);
        continue;
      }
      const underWay = this.#underWay.get(key);
      if (underWay === undefined) {
        const created = this.#register(key, sighting, countsRefused);
        if (created === undefined) continue;
        mine.push({ key, created });
        waits.push(created);
      } else {
        waits.push(underWay);
        late.push({ key, sighting });
      }
    }
    if (waits.length === 0) return { discovered: [] };
    await settleAll(waits);
    for (const { key, sighting } of late) {
      const entry = this.#entries.get(key);
      if (entry !== undefined) this.#merge(entry, sighting);
    }
    const discovered: string[] = [];
    for (const { key, created } of mine) {
      const entry = this.#entries.get(key);
      if ((await created) && entry !== undefined) discovered.push(entry.id);
    }
    return { discovered };
  }

  async ensure(sightings: readonly AgentSighting[]): Promise<void> {
    await this.#observe(sightings, false);
  }

  unregistered() {
    return { overLimit: this.#overLimit, unusableName: this.#unusableName };
  }

  flush(): Promise<void> {
    return this.#activity.flush();
  }

  shutdown(): Promise<void> {
    return this.#activity.shutdown();
  }

  /** Undefined when the agent is not to be registered. */
  #register(
    key: string,
    sighting: AgentSighting,
    countsRefused: boolean,
  ): Promise<boolean> | undefined {
    if (!isUsable(sighting.name)) {
      if (countsRefused) this.#unusableName += 1;
      return undefined;
    }
    if (this.#entries.size + this.#underWay.size >= this.#agentsMax) {
      if (countsRefused) this.#overLimit += 1;
      return undefined;
    }
    const created = new Promise<boolean>((settle, fail) => {
      this.#queue.push({ key, sighting, settle, fail });
    });
    this.#underWay.set(key, created);
    if (!this.#draining) void this.#drain();
    return created;
  }

  /** One transaction at a time takes all that came while the one before was being written. */
  async #drain(): Promise<void> {
    this.#draining = true;
    await nextTurn();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, ROWS_AT_ONCE);
      try {
        await this.#write(batch);
      } catch (error) {
        for (const { key, fail } of batch) {
          this.#underWay.delete(key);
          fail(error);
        }
      }
    }
    this.#draining = false;
  }

  async #write(batch: readonly Registration[]): Promise<void> {
    const outcomes = await this.#agents.register(
      batch.map(({ sighting: { project, name, seenAtMs } }) => {
        const id = this.#newId('agt');
        return {
          agent: { id, project, name, seenAtMs },
          entry: {
            project,
            atMs: seenAtMs,
            actor: SYSTEM_ACTOR,
            action: 'agent.registered',
            target: { kind: 'agent', id },
            reason: null,
            detail: { name, status: 'UNREVIEWED' },
          },
        };
      }),
    );
    const facets: AgentFacet[] = [];
    for (const [index, { key, sighting }] of batch.entries()) {
      const entry = createEntry(outcomes[index]!.id, sighting.seenAtMs);
      facets.push(...newFacets(entry, sighting));
      this.#entries.set(key, entry);
      this.#underWay.delete(key);
      if (!outcomes[index]!.created) this.#activity.addSeen(entry);
    }
    // A reader of the new agent sees at once what it is; when this fails, the next flush brings it.
    await this.#agents.recordFacets(facets).catch(() => this.#activity.addFacets(facets));
    for (const [index, { settle }] of batch.entries()) settle(outcomes[index]!.created);
  }

  #merge(entry: Entry, sighting: AgentSighting): void {
    if (sighting.seenAtMs > entry.lastSeenMs) {
      entry.lastSeenMs = sighting.seenAtMs;
      this.#activity.addSeen(entry);
    }
    const facets = newFacets(entry, sighting);
    if (facets.length > 0) this.#activity.addFacets(facets);
  }
}

const keyOf = (project: string, name: string): string => `${project}\0${name}`;

/** A name that the store can hold and a person can read in a list. */
function isUsable(text: string): boolean {
  return text !== '' && text.length <= TEXT_LENGTH_MAX && !text.includes('\0');
}

function createEntry(id: string, lastSeenMs: number): Entry {
  return { id, lastSeenMs, facets: new Map(AGENT_FACET_KINDS.map((kind) => [kind, new Set()])) };
}

/** Adds what is new to the entry and answers it. */
function newFacets(entry: Entry, sighting: AgentSighting): AgentFacet[] {
  const added: AgentFacet[] = [];
  for (const kind of AGENT_FACET_KINDS) {
    const values = entry.facets.get(kind)!;
    for (const value of sighting[FACET_FIELDS[kind]]) {
      if (values.has(value) || values.size >= FACET_VALUES_MAX || !isUsable(value)) continue;
      values.add(value);
      added.push({ agentId: entry.id, kind, value });
    }
  }
  return added;
}

/** Waits for all, so that no failure is left unheard, then throws the first. */
async function settleAll(waits: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(waits)) {
    if (result.status === 'rejected') throw result.reason;
  }
}
