import { z } from 'zod';

import type { Clock } from '../../base/clock.ts';
import { SEVERITIES } from '../../model/quality.ts';
import type { Actor } from '../../storage/audit-log.ts';
import type { SettingStore } from '../../storage/setting-store.ts';

const SETTING = 'quality_judge';

const criterion = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'use lower-case letters, digits, _, - and .')
    .describe('Results bear this name.'),
  prompt: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .describe('What the judge decides, as "The answer is polite and does not blame the customer."'),
  severity: z.enum(SEVERITIES).default('MEDIUM'),
});

/** What people set about the judge; endpoint and key are settings of the process. */
export const judgeSettings = z
  .strictObject({
    enabled: z.boolean().default(false),
    model: z.string().trim().max(200).default(''),
    criteria: z.array(criterion).max(20).default([]),
    agents: z
      .array(z.string().min(1).max(256))
      .max(200)
      .default([])
      .describe('Names of agents, `*` for any characters; empty: all agents.'),
    sample_rate: z
      .number()
      .min(0)
      .max(1)
      .default(0.05)
      .describe('Share of runs that are judged. Which ones follows from their ids.'),
    calls_per_day: z.int().min(0).max(1_000_000).default(100),
    usd_per_day: z
      .number()
      .min(0)
      .max(1_000_000)
      .nullable()
      .default(1)
      .describe('Spent at most on a day in UTC; null: calls alone are bounded.'),
  })
  .refine(({ enabled, model }) => !enabled || model !== '', {
    path: ['model'],
    error: 'name a model to switch the judge on',
  })
  .refine(({ enabled, criteria }) => !enabled || criteria.length > 0, {
    path: ['criteria'],
    error: 'give a criterion to switch the judge on',
  })
  .refine(({ criteria }) => new Set(criteria.map(({ name }) => name)).size === criteria.length, {
    path: ['criteria'],
    error: 'give each criterion a name of its own',
  })
  .meta({ id: 'QualityJudge' });

export type JudgeSettings = z.infer<typeof judgeSettings>;
export type JudgeCriterion = JudgeSettings['criteria'][number];

export interface JudgeSettingBook {
  get(project: string): JudgeSettings;
  set(project: string, settings: JudgeSettings, actor: Actor): Promise<void>;
}

export async function loadJudgeSettings(options: {
  readonly settings: SettingStore;
  readonly clock: Clock;
}): Promise<JudgeSettingBook> {
  const { settings, clock } = options;
  const byProject = new Map<string, JudgeSettings>();
  const off = judgeSettings.parse({});
  for (const { project, value } of await settings.listByName(SETTING)) {
    // What an older version wrote and this one does not take leaves the judge off.
    byProject.set(project, judgeSettings.safeParse(value).data ?? off);
  }
  const get = (project: string): JudgeSettings => byProject.get(project) ?? off;
  return {
    get,

    async set(project, wanted, actor) {
      await settings.put(project, SETTING, wanted, {
        project,
        atMs: clock.now(),
        actor,
        action: 'setting.changed',
        target: { kind: 'setting', id: SETTING },
        reason: null,
        detail: { from: get(project), to: wanted },
      });
      byProject.set(project, wanted);
    },
  };
}
