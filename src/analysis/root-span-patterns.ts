import type { Clock } from '../base/clock.ts';
import { AppError } from '../errors.ts';
import type { Actor, JsonValue } from '../storage/audit-log.ts';
import type { SettingStore } from '../storage/setting-store.ts';

const SETTING = 'root_span_patterns';
export const ROOT_SPAN_PATTERNS_MAX = 100;
export const ROOT_SPAN_PATTERN_LENGTH_MAX = 200;

/** Parts of span names that a project adds to those which mark the root span of a run. */
export interface RootSpanPatterns {
  get(project: string): readonly string[];

  /** Replaces the project's patterns; blanks around and repetitions are dropped. */
  set(project: string, patterns: readonly string[], actor: Actor): Promise<readonly string[]>;

  /** Calls with every project's patterns after each change. */
  onChange(listener: (patterns: ReadonlyMap<string, readonly string[]>) => void): void;
}

interface RootSpanPatternsOptions {
  readonly settings: SettingStore;
  readonly clock: Clock;
}

export async function loadRootSpanPatterns({
  settings,
  clock,
}: RootSpanPatternsOptions): Promise<RootSpanPatterns> {
  const byProject = new Map<string, readonly string[]>();
  for (const { project, value } of await settings.listByName(SETTING)) {
    byProject.set(project, parse(value));
  }
  const listeners: ((patterns: ReadonlyMap<string, readonly string[]>) => void)[] = [];
  return {
    get: (project) => byProject.get(project) ?? [],

    async set(project, wanted, actor) {
      const patterns = tidy(wanted);
      await settings.put(project, SETTING, patterns, {
        project,
        atMs: clock.now(),
        actor,
        action: 'setting.changed',
        target: { kind: 'setting', id: SETTING },
        reason: null,
        detail: { from: byProject.get(project) ?? [], to: patterns },
      });
      byProject.set(project, patterns);
      for (const listener of listeners) listener(byProject);
      return patterns;
    },

    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}

function tidy(patterns: readonly string[]): readonly string[] {
  const distinct = [...new Set(patterns.map((pattern) => pattern.trim()))];
  if (distinct.length > ROOT_SPAN_PATTERNS_MAX) {
    throw new AppError(
      'VALIDATION_ERROR',
      `${distinct.length} patterns are too many; at most ${ROOT_SPAN_PATTERNS_MAX}`,
    );
  }
  for (const pattern of distinct) {
    if (pattern.length > 0 && pattern.length <= ROOT_SPAN_PATTERN_LENGTH_MAX) continue;
    throw new AppError(
      'VALIDATION_ERROR',
      `the pattern "${pattern}" must have 1 to ${ROOT_SPAN_PATTERN_LENGTH_MAX} characters`,
    );
  }
  return distinct;
}

function parse(value: JsonValue): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
