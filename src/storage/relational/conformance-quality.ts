import { expect, test } from 'vitest';

import type { QualityRule } from '../../model/quality-rule.ts';
import { entryOf, type Context } from './conformance-context.ts';

export function testQuality(context: Context): void {
  const ruleOf = (name: string, rest: Partial<QualityRule> = {}): QualityRule => ({
    id: `rul_${context().project}_${name}`,
    project: context().project,
    name,
    description: 'ü',
    targetTraceName: 'invoke_agent *',
    targetAgent: '',
    severity: 'HIGH',
    enabled: true,
    definition: { type: 'COMPLETENESS', fields: ['total'], phrases: [], min_characters: 0 },
    createdAtMs: 1,
    updatedAtMs: 2,
    ...rest,
  });
  const entry = (action: string) => entryOf(context().project, action, 'a-target');
  const audited = async () =>
    (await context().store.auditLog.find(context().project, {}, { limit: 10 })).length;

  test('a rule is kept under a name of its own, with the entry of each change', async () => {
    const { store, project } = context();
    const { quality } = store;
    expect(await quality.createRule(ruleOf('b'), entry('rule.created'))).toBe(true);
    expect(await quality.createRule(ruleOf('a'), entry('rule.created'))).toBe(true);
    const again = ruleOf('a', { id: 'another' });
    expect(await quality.createRule(again, entry('rule.created'))).toBe(false);
    expect(await quality.listRules(project)).toEqual([ruleOf('a'), ruleOf('b')]);
    expect(await quality.getRule(project, ruleOf('a').id)).toEqual(ruleOf('a'));
    expect(await quality.getRule('another project', ruleOf('a').id)).toBeUndefined();

    const changed = ruleOf('a', { enabled: false, severity: 'LOW', updatedAtMs: 3 });
    expect(await quality.replaceRule(changed, entry('rule.changed'))).toBe(true);
    expect(await quality.getRule(project, changed.id)).toEqual(changed);
    const taken = { ...changed, name: 'b' };
    expect(await quality.replaceRule(taken, entry('rule.changed'))).toBe(false);
    const gone = ruleOf('c');
    expect(await quality.replaceRule(gone, entry('rule.changed'))).toBe(false);

    expect(await quality.removeRule(project, changed.id, entry('rule.removed'))).toBe(true);
    expect(await quality.removeRule(project, changed.id, entry('rule.removed'))).toBe(false);
    expect(await quality.listRules(project)).toEqual([ruleOf('b')]);
    expect(await audited()).toBe(4);
  });

  test('overrides and inferences of an agent stand beside each other', async () => {
    const { store, project } = context();
    const overrides = [{ checkId: 'error_free', enabled: false }];
    await store.quality.putInferences(project, 'sorter', [{ reason: 'x' }]);
    await store.quality.putOverrides(project, 'sorter', overrides, entry('checks.changed'));
    await store.quality.putInferences(project, 'sorter', [{ reason: 'y' }]);
    await store.quality.putOverrides(project, 'other', [], entry('checks.changed'));
    const own = (await store.quality.listAgentChecks()).filter((row) => row.project === project);
    expect(own).toEqual([
      { project, agent: 'other', overrides: [], inferences: [] },
      { project, agent: 'sorter', overrides, inferences: [{ reason: 'y' }] },
    ]);
    expect(await audited()).toBe(2);
  });

  test('what the judge used is summed by day, to the last digit', async () => {
    const { store, project } = context();
    const { quality } = store;
    const nothing = { calls: 0, cost: 0n };
    expect(await quality.getJudgeUse(project, '2026-11-20')).toEqual(nothing);
    await quality.addJudgeUse(project, '2026-11-20', { calls: 1, cost: 12_345_678_901_234_567n });
    await quality.addJudgeUse(project, '2026-11-20', { calls: 2, cost: 1n });
    expect(await quality.getJudgeUse(project, '2026-11-20')).toEqual({
      calls: 3,
      cost: 12_345_678_901_234_568n,
    });
    expect(await quality.getJudgeUse(project, '2026-11-21')).toEqual(nothing);
  });

  test('runs wait for the judge once each, in the order in which they came', async () => {
    const { store, project } = context();
    const { quality } = store;
    const run = (name: string, sinceMs: number) => ({
      project,
      traceId: name.repeat(32),
      runId: name.repeat(16),
      sinceMs,
    });
    const own = async () =>
      (await quality.listWaiting(1_000)).filter((waiting) => waiting.project === project);
    await quality.addWaiting([]);
    await quality.addWaiting([run('b', 2), run('a', 1)]);
    await quality.addWaiting([run('b', 3), run('c', 2)]);
    expect(await own()).toEqual([run('a', 1), run('b', 2), run('c', 2)]);
    expect(await quality.listWaiting(1)).toHaveLength(1);
    await quality.removeWaiting(run('b', 0));
    await quality.removeWaiting({ ...run('a', 1), project: 'another project' });
    expect(await own()).toEqual([run('a', 1), run('c', 2)]);
  });
}
