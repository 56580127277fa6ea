import type { Clock } from '../../base/clock.ts';
import type { NewId } from '../../base/random-id.ts';
import { AppError } from '../../errors.ts';
import type { QualityRule } from '../../model/quality-rule.ts';
import type { Actor, AuditEntry, JsonValue } from '../../storage/audit-log.ts';
import type { QualitySettingStore } from '../../storage/quality-setting-store.ts';

export const RULES_MAX = 200;

/** What a person writes of a rule. */
export type RuleDraft = Omit<QualityRule, 'id' | 'project' | 'createdAtMs' | 'updatedAtMs'>;

/** The business rules of every project, kept in memory beside the store. */
export interface QualityRules {
  list(project: string): readonly QualityRule[];
  /** Throws `NOT_FOUND`. */
  get(project: string, id: string): QualityRule;
  /** Throws `CONFLICT` when the name is taken or there are too many. */
  create(project: string, draft: RuleDraft, actor: Actor): Promise<QualityRule>;
  replace(project: string, id: string, draft: RuleDraft, actor: Actor): Promise<QualityRule>;
  remove(project: string, id: string, actor: Actor): Promise<void>;
}

export async function loadQualityRules(options: {
  readonly store: QualitySettingStore;
  readonly clock: Clock;
  readonly newId: NewId;
}): Promise<QualityRules> {
  const { store, clock, newId } = options;
  const byProject = new Map<string, readonly QualityRule[]>();
  const reload = async (project: string): Promise<void> => {
    byProject.set(project, await store.listRules(project));
  };
  for (const rule of await store.listRules()) {
    byProject.set(rule.project, [...(byProject.get(rule.project) ?? []), rule]);
  }
  const list = (project: string): readonly QualityRule[] => byProject.get(project) ?? [];
  const get = (project: string, id: string): QualityRule => {
    const rule = list(project).find((one) => one.id === id);
    if (rule === undefined) throw new AppError('NOT_FOUND', `there is no quality rule ${id}`);
    return rule;
  };
  const entryOf = (
    action: string,
    rule: QualityRule,
    actor: Actor,
    detail: AuditEntry['detail'],
  ): AuditEntry => ({
    project: rule.project,
    atMs: clock.now(),
    actor,
    action,
    target: { kind: 'quality_rule', id: rule.id },
    reason: null,
    detail,
  });
  const taken = (name: string): AppError =>
    new AppError(
      'CONFLICT',
      `there is a quality rule named "${name}" already; choose another name`,
    );

  return {
    list,
    get,

    async create(project, draft, actor) {
      if (list(project).length >= RULES_MAX) {
        throw new AppError('CONFLICT', `there are ${RULES_MAX} quality rules; remove one first`);
      }
      const nowMs = clock.now();
      const rule = { ...draft, id: newId('rul'), project, createdAtMs: nowMs, updatedAtMs: nowMs };
      const entry = entryOf('quality_rule.created', rule, actor, { rule: plain(draft) });
      if (!(await store.createRule(rule, entry))) throw taken(draft.name);
      await reload(project);
      return rule;
    },

    async replace(project, id, draft, actor) {
      const before = get(project, id);
      const { createdAtMs } = before;
      const rule = { ...draft, id, project, createdAtMs, updatedAtMs: clock.now() };
      const detail = { from: plain(before), to: plain(draft) };
      const entry = entryOf('quality_rule.changed', rule, actor, detail);
      if (!(await store.replaceRule(rule, entry))) throw taken(draft.name);
      await reload(project);
      return rule;
    },

    async remove(project, id, actor) {
      const rule = get(project, id);
      const entry = entryOf('quality_rule.removed', rule, actor, { rule: plain(rule) });
      await store.removeRule(project, id, entry);
      await reload(project);
    },
  };
}

const plain = (rule: RuleDraft): JsonValue => ({
  name: rule.name,
  description: rule.description,
  target_trace_name: rule.targetTraceName,
  target_agent: rule.targetAgent,
  severity: rule.severity,
  enabled: rule.enabled,
  definition: rule.definition as unknown as JsonValue,
});
