import type { Clock } from '../../base/clock.ts';
import { repeat, type Repetition } from '../../base/repeat.ts';
import { AppError } from '../../errors.ts';
import type { AgentStore } from '../../storage/agent-store.ts';
import type { Heartbeat, HealthStore } from '../../storage/health-store.ts';
import type { Registry } from '../registry.ts';

export interface Beat {
  /** An agent's id or name. A name that nobody knows is registered, as telemetry of it would be. */
  readonly agent: string;
  readonly status: string | null;
  readonly version: string | null;
  readonly framework?: string | undefined;
  readonly model?: string | undefined;
}

/** Takes signs of life that agents send by themselves. */
export interface HeartbeatDesk {
  /** Resolves to the agent's id. Throws `VALIDATION_ERROR` for a name that cannot be registered. */
  beat(project: string, beat: Beat): Promise<string>;
  /** Writes what waits in memory: at most a second of it is lost in a crash. */
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

interface HeartbeatDeskOptions {
  readonly agents: Pick<AgentStore, 'get' | 'getByName'>;
  readonly registry: Pick<Registry, 'observe'>;
  readonly health: Pick<HealthStore, 'recordHeartbeats'>;
  readonly clock: Clock;
  readonly flushIntervalMs: number;
  readonly onError: (error: unknown) => void;
}

export function startHeartbeatDesk(options: HeartbeatDeskOptions): HeartbeatDesk {
  const { agents, registry, health, clock } = options;
  /** One of each agent, so that it is bounded by the registry. */
  let waiting = new Map<string, Heartbeat>();

  const flush = async (): Promise<void> => {
    if (waiting.size === 0) return;
    const beats = waiting;
    waiting = new Map();
    try {
      await health.recordHeartbeats([...beats.values()]);
    } catch (error) {
      // What came meanwhile is newer.
      waiting = new Map([...beats, ...waiting]);
      throw error;
    }
  };
  const flushing: Repetition = repeat(flush, {
    everyMs: options.flushIntervalMs,
    onError: options.onError,
  });

  return {
    async beat(project, { agent, status, version, framework, model }) {
      const known = (await agents.get(project, agent)) ?? (await agents.getByName(project, agent));
      const name = known?.name ?? agent;
      const seenAtMs = clock.now();
      const { discovered } = await registry.observe([
        {
          project,
          name,
          seenAtMs,
          runs: 0,
          services: [],
          frameworks: framework === undefined ? [] : [framework],
          sdkLanguages: [],
          models: model === undefined ? [] : [model],
          providers: [],
          tools: [],
        },
      ]);
      const id = known?.id ?? discovered[0] ?? (await agents.getByName(project, name))?.id;
      if (id === undefined) {
        throw new AppError(
          'VALIDATION_ERROR',
          `the agent "${agent.slice(0, 100)}" cannot be registered: its name is not usable, or there are too many agents`,
        );
      }
      waiting.set(id, { agentId: id, atMs: seenAtMs, status, version });
      return id;
    },
    flush,
    async shutdown() {
      await flushing.stop();
      await flush();
    },
  };
}
