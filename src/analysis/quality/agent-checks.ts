import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../errors.ts';
import type { RunDetail } from '../../model/run.ts';
import type { Actor, JsonValue } from '../../storage/audit-log.ts';
import type { QualitySettingStore } from '../../storage/quality-setting-store.ts';
import type { CheckOverride, CheckSetting, Inference } from './check-setting.ts';
import { settingsOf } from './check-setting.ts';
import { checkOf, completeParams } from './checks.ts';
import { inferChecks, RUNS_MAX, RUNS_MIN } from './infer-checks.ts';
import type { RunSample } from './run-sample.ts';
import { sampleOf } from './run-sample.ts';

/** Agents whose latest runs are kept in memory; the one longest without a run is forgotten first. */
const AGENTS_MAX = 1_000;
/** Runs after which an agent's checks are inferred anew. */
const INFER_EVERY = 10;

/** Which checks are made on which agent's runs. */
export interface AgentChecks {
  /** For every check of the catalogue, in its order. */
  settingsOf(project: string, agent: string): readonly CheckSetting[];
  overridesOf(project: string, agent: string): readonly CheckOverride[];
  /** Replaces what people decided; throws `VALIDATION_ERROR` for parameters that a check does not take. */
  setOverrides(
    project: string,
    agent: string,
    overrides: readonly CheckOverride[],
    actor: Actor,
  ): Promise<void>;
  /** Learns from finished runs. The same run twice counts once, as it was last. */
  learn(details: readonly RunDetail[]): Promise<void>;
}

interface Known {
  overrides: readonly CheckOverride[];
  inferences: readonly Inference[];
  settings: readonly CheckSetting[] | undefined;
}

interface Seen {
  readonly samples: Map<string, RunSample>;
  fresh: number;
}

export async function loadAgentChecks(options: {
  readonly store: QualitySettingStore;
  readonly clock: Clock;
}): Promise<AgentChecks> {
  const { store, clock } = options;
  const seen = new BoundedMap<string, Seen>(AGENTS_MAX);
  const { get, save } = await loadBook(store);
  const infer = async (project: string, agent: string, samples: Seen['samples']): Promise<void> => {
    const before = get(project, agent);
    const inferences = inferChecks(agent, [...samples.values()], before.inferences);
    if (JSON.stringify(inferences) === JSON.stringify(before.inferences)) return;
    await store.putInferences(project, agent, inferences as unknown as JsonValue);
    save(project, agent, { ...before, inferences });
  };

  return {
    settingsOf(project, agent) {
      const own = get(project, agent);
      return (own.settings ??= settingsOf(own.inferences, own.overrides));
    },

    overridesOf: (project, agent) => get(project, agent).overrides,

    async setOverrides(project, agent, overrides, actor) {
      requireValid(overrides);
      const before = get(project, agent);
      await store.putOverrides(project, agent, overrides as unknown as JsonValue, {
        project,
        atMs: clock.now(),
        actor,
        action: 'agent_checks.changed',
        target: { kind: 'agent_checks', id: agent },
        reason: null,
        detail: {
          from: before.overrides as unknown as JsonValue,
          to: overrides as unknown as JsonValue,
        },
      });
      save(project, agent, { ...before, overrides });
    },

    async learn(details) {
      const touched = new Map<string, { project: string; agent: string; own: Seen }>();
      for (const detail of details) {
        const { project, agent, traceId, runId } = detail.run;
        const key = keyOf(project, agent);
        const own = seen.get(key) ?? { samples: new Map(), fresh: 0 };
        seen.set(key, own);
        remember(own, `${traceId}/${runId}`, sampleOf(detail));
        touched.set(key, { project, agent, own });
      }
      for (const { project, agent, own } of touched.values()) {
        if (own.samples.size < RUNS_MIN || own.fresh < INFER_EVERY) continue;
        own.fresh = 0;
        await infer(project, agent, own.samples);
      }
    },
  };
}

/** What is known of each agent; what the store does not have yet is kept for the latest alone. */
async function loadBook(store: QualitySettingStore): Promise<{
  readonly get: (project: string, agent: string) => Known;
  readonly save: (project: string, agent: string, changed: Known) => void;
}> {
  const known = new Map<string, Known>();
  const unsaved = new BoundedMap<string, Known>(AGENTS_MAX);
  for (const row of await store.listAgentChecks()) {
    known.set(keyOf(row.project, row.agent), {
      overrides: row.overrides as unknown as CheckOverride[],
      inferences: row.inferences as unknown as Inference[],
      settings: undefined,
    });
  }
  return {
    get(project, agent) {
      const key = keyOf(project, agent);
      const found = known.get(key) ?? unsaved.get(key);
      if (found !== undefined) return found;
      // Before there are runs its name may tell something.
      const made = { overrides: [], inferences: inferChecks(agent, [], []), settings: undefined };
      unsaved.set(key, made);
      return made;
    },
    save(project, agent, changed) {
      known.set(keyOf(project, agent), { ...changed, settings: undefined });
      unsaved.delete(keyOf(project, agent));
    },
  };
}

const keyOf = (project: string, agent: string): string => JSON.stringify([project, agent]);

function remember(own: Seen, run: string, sample: RunSample): void {
  if (!own.samples.delete(run)) own.fresh++;
  own.samples.set(run, sample);
  if (own.samples.size <= RUNS_MAX) return;
  for (const oldest of own.samples.keys()) {
    own.samples.delete(oldest);
    return;
  }
}

function requireValid(overrides: readonly CheckOverride[]): void {
  const ids = new Set<string>();
  for (const { checkId, params } of overrides) {
    if (ids.has(checkId)) {
      throw new AppError('VALIDATION_ERROR', `the check ${checkId} is there twice; name it once`);
    }
    ids.add(checkId);
    completeParams(checkOf(checkId), params ?? {});
  }
}
