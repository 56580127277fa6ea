import { expect, test } from 'vitest';

import type { AnomalyEvidence } from '../../model/anomaly.ts';
import type { Budget } from '../../model/budget.ts';
import type { Alert, AlertChannel } from '../alert-store.ts';
import type { Anomaly } from '../anomaly-store.ts';
import { entryOf, type Context } from './conformance-context.ts';

const EVIDENCE: AnomalyEvidence = {
  summary: 'Runs take longer.',
  measure: 'duration of a run',
  unit: 's',
  observed: 3,
  baseline: 1,
  score: 7.5,
  scoreName: 'z',
  deviationPercent: 200,
  n: 10,
  baselineN: 100,
  window: { fromMs: 1, toMs: 2 },
  version: 'v1',
  baselineVersion: 'v1',
  runs: [{ traceId: 'ab', runId: 'cd' }],
  more: { tool: 'search' },
};

export function testMonitoring(context: Context): void {
  const channelOf = (name: string, rest: Partial<AlertChannel> = {}): AlertChannel => ({
    id: `chn_${context().project}_${name}`,
    project: context().project,
    name,
    enabled: true,
    kinds: ['budget'],
    severityMin: 'medium',
    target: { kind: 'webhook', url: 'http://localhost/ü', secret: 'whsec_eA==' },
    createdAtMs: 1,
    updatedAtMs: 2,
    ...rest,
  });
  const alertOf = (key: string, raisedAtMs: number, rest: Partial<Alert> = {}): Alert => ({
    id: `alr_${context().project}_${key}`,
    project: context().project,
    key,
    kind: 'budget',
    severity: 'high',
    subject: { kind: 'agent', id: 'agt_1', name: 'sorter' },
    title: 'Half is spent',
    text: 'ü',
    detail: { percent: 50 },
    raisedAtMs,
    ...rest,
  });
  const register = async (name: string, seenAtMs = 1_000): Promise<string> => {
    const { store, project } = context();
    const id = `agt_${project}_${name}`;
    const agent = { id, project, name, seenAtMs };
    await store.agents.register([{ agent, entry: entryOf(project, 'agent.registered', id) }]);
    return id;
  };

  test('keeps channels, one of a name', async () => {
    const { store, project } = context();
    const { alerts } = store;
    const entry = entryOf(project, 'channel.created', 'x');
    expect(await alerts.createChannel(channelOf('b'), entry)).toBe(true);
    expect(await alerts.createChannel(channelOf('a'), entry)).toBe(true);
    expect(await alerts.createChannel({ ...channelOf('a'), id: 'chn_other' }, entry)).toBe(false);
    expect(await alerts.listChannels(project)).toEqual([channelOf('a'), channelOf('b')]);
    expect(await alerts.getChannel(project, channelOf('a').id)).toEqual(channelOf('a'));
    expect(await alerts.getChannel('another', channelOf('a').id)).toBeUndefined();
    const renamed = { ...channelOf('a'), name: 'b' };
    expect(await alerts.replaceChannel(renamed, entry)).toBe(false);
    const changed = channelOf('a', { enabled: false, kinds: [], updatedAtMs: 9 });
    expect(await alerts.replaceChannel(changed, entry)).toBe(true);
    expect(await alerts.getChannel(project, changed.id)).toEqual(changed);
    expect(await alerts.removeChannel('another', changed.id, entry)).toBe(false);
    expect(await alerts.removeChannel(project, changed.id, entry)).toBe(true);
    expect(await alerts.listChannels(project)).toEqual([channelOf('b')]);
    expect(await store.auditLog.find(project, {}, { limit: 9 })).toHaveLength(4);
  });

  test('raises an alert once for its key, with deliveries that are due', async () => {
    const { store, project } = context();
    const { alerts } = store;
    const channel = channelOf('hook');
    await alerts.createChannel(channel, entryOf(project, 'channel.created', 'x'));
    const delivery = { id: `dlv_${project}`, channelId: channel.id };
    const pending = (await alerts.countPending()) + 1;
    expect(await alerts.raise(alertOf('half', 100), [delivery])).toBe(true);
    expect(await alerts.raise({ ...alertOf('half', 200), id: 'alr_2' }, [])).toBe(false);
    expect(await alerts.raise(alertOf('whole', 200), [])).toBe(true);
    expect(await alerts.countPending()).toBe(pending);
    const due = async (nowMs: number) =>
      (await alerts.listDue(nowMs, 1_000)).filter((row) => row.channel.project === project);
    expect(await due(99)).toEqual([]);
    const waiting = {
      ...delivery,
      state: 'pending',
      attempts: 0,
      nextAttemptMs: 100,
      lastError: null,
      settledAtMs: null,
    };
    expect(await due(100)).toEqual([{ delivery: waiting, alert: alertOf('half', 100), channel }]);
    await alerts.recordDelivery(delivery.id, {
      state: 'pending',
      attempts: 1,
      nextAttemptMs: 500,
      lastError: 'refused',
      settledAtMs: null,
    });
    expect(await due(499)).toEqual([]);
    expect(await due(500)).toMatchObject([{ delivery: { attempts: 1, lastError: 'refused' } }]);
    const disabled = { ...channel, enabled: false };
    await alerts.replaceChannel(disabled, entryOf(project, 'channel.changed', 'x'));
    expect(await due(500)).toEqual([]);
    await alerts.removeChannel(project, channel.id, entryOf(project, 'channel.removed', 'x'));
    expect(await alerts.countPending()).toBe(pending - 1);
  });

  test('finds alerts newest first, in pages, and forgets the old', async () => {
    const { store, project } = context();
    const { alerts } = store;
    await alerts.raise(alertOf('a', 100), []);
    await alerts.raise(alertOf('b', 200, { kind: 'anomaly', severity: 'low' }), []);
    await alerts.raise(alertOf('c', 200), []);
    const keys = async (
      ...given: Parameters<typeof alerts.find> extends [string, ...infer R] ? R : never
    ) => (await alerts.find(project, ...given)).map(({ alert }) => alert.key);
    expect(await keys({}, { limit: 9 })).toEqual(['c', 'b', 'a']);
    expect(await keys({ kind: 'budget' }, { limit: 9 })).toEqual(['c', 'a']);
    expect(await keys({ severity: 'low' }, { limit: 9 })).toEqual(['b']);
    expect(await keys({ subjectId: 'agt_2' }, { limit: 9 })).toEqual([]);
    const after = { raisedAtMs: 200, id: alertOf('c', 200).id };
    expect(await keys({}, { limit: 1, after })).toEqual(['b']);
    await alerts.removeBefore(200);
    expect(await keys({}, { limit: 9 })).toEqual(['c', 'b']);
    expect(await alerts.raise(alertOf('a', 300), [])).toBe(true);
    await alerts.removeBefore(1_000);
  });

  test('keeps budgets, one for a subject and month', async () => {
    const { store, project } = context();
    const entry = entryOf(project, 'budget.created', 'x');
    const budget: Budget = {
      id: `bud_${project}`,
      project,
      scope: 'team',
      subject: 'ops',
      month: '2026-11',
      amount: 12_500_000_000_001n,
      thresholds: [50, 80.5],
      enforced: true,
      createdAtMs: 1,
      updatedAtMs: 1,
    };
    expect(await store.budgets.create(budget, entry)).toBe(true);
    expect(await store.budgets.create({ ...budget, id: 'bud_2' }, entry)).toBe(false);
    const monthly = { ...budget, id: `bud_${project}_2`, month: '' };
    expect(await store.budgets.create(monthly, entry)).toBe(true);
    expect(await store.budgets.list(project)).toEqual([monthly, budget]);
    expect(await store.budgets.replace({ ...monthly, month: '2026-11' }, entry)).toBe(false);
    const raised = { ...budget, amount: 20n, enforced: false };
    expect(await store.budgets.replace(raised, entry)).toBe(true);
    expect(await store.budgets.get(project, budget.id)).toEqual(raised);
    expect((await store.budgets.list()).filter((row) => row.project === project)).toHaveLength(2);
    expect(await store.budgets.remove('another', budget.id, entry)).toBe(false);
    expect(await store.budgets.remove(project, budget.id, entry)).toBe(true);
    expect(await store.budgets.list(project)).toEqual([monthly]);
  });

  test('keeps one unresolved anomaly of an agent and kind', async () => {
    const { store, project } = context();
    const agentId = await register('sorter');
    const entry = entryOf(project, 'anomaly.opened', 'x');
    const first: Anomaly = {
      id: `ano_${project}_1`,
      project,
      agentId,
      agent: 'sorter',
      kind: 'latency_shift',
      severity: 'high',
      status: 'open',
      evidence: EVIDENCE,
      openedAtMs: 10,
      detectedAtMs: 10,
      detections: 1,
      reopened: 0,
      acknowledged: null,
      resolved: null,
    };
    const { anomalies } = store;
    expect(await anomalies.create(first, entry)).toBe(true);
    expect(await anomalies.create({ ...first, id: 'ano_2' }, entry)).toBe(false);
    const other = {
      ...first,
      id: `ano_${project}_3`,
      kind: 'cost_spike',
      detectedAtMs: 5,
    } as const;
    expect(await anomalies.create(other, entry)).toBe(true);
    const decision = { by: 'ada', atMs: 20, note: 'known' };
    const resolved: Anomaly = { ...first, status: 'resolved', resolved: decision, detections: 4 };
    expect(await anomalies.update(resolved, 'acknowledged', entry)).toBe(false);
    expect(await anomalies.update(resolved, 'open', entry)).toBe(true);
    const second = { ...first, id: `ano_${project}_4`, openedAtMs: 30, detectedAtMs: 30 };
    expect(await anomalies.create(second, entry)).toBe(true);
    expect(await anomalies.get(project, first.id)).toEqual(resolved);
    expect(await anomalies.get('another', first.id)).toBeUndefined();
    expect(await anomalies.listNewest(agentId)).toEqual([other, second]);
    const page = { offset: 0, limit: 9 };
    expect(await anomalies.find(project, {}, page)).toEqual({
      anomalies: [second, resolved, other],
      total: 3,
    });
    expect(await anomalies.find(project, {}, { offset: 1, limit: 1 })).toEqual({
      anomalies: [resolved],
      total: 3,
    });
    for (const [filter, total] of [
      [{ status: 'open' }, 2],
      [{ kind: 'cost_spike' }, 1],
      [{ severity: 'low' }, 0],
      [{ agentId }, 3],
    ] as const) {
      expect((await anomalies.find(project, filter, page)).total).toBe(total);
    }
    expect(await anomalies.summarize(project)).toEqual([
      { kind: 'cost_spike', severity: 'high', status: 'open', count: 1 },
      { kind: 'latency_shift', severity: 'high', status: 'open', count: 1 },
      { kind: 'latency_shift', severity: 'high', status: 'resolved', count: 1 },
    ]);
    expect(await anomalies.countActive(project)).toEqual(new Map([[agentId, 2]]));
  });

  test('judges health by the last sign of life and the bounds of each agent', async () => {
    const { store, project } = context();
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map((name) => register(name, 1_000_000)));
    const [a, b, c, d] = ids as [string, string, string, string];
    const beat = { status: 'ok', version: '1.2' };
    await store.health.recordHeartbeats([
      { agentId: a, atMs: 1_500_000, ...beat },
      { agentId: b, atMs: 900_000, status: null, version: null },
      { agentId: 'agt_gone', atMs: 1, ...beat },
    ]);
    await store.health.recordHeartbeats([{ agentId: a, atMs: 1_400_000, ...beat, status: 'late' }]);
    const bounds = { healthyWithinMs: 86_400_000, degradedWithinMs: 99_000_000 };
    const entry = entryOf(project, 'agent.edited', c);
    expect(await store.health.setBounds(project, c, bounds, entry)).toBe(true);
    expect(await store.health.setBounds('another', c, bounds, entry)).toBe(false);
    await store.agents.change(
      { project, id: d, expectedStatus: 'UNREVIEWED', status: { to: 'DISMISSED', atMs: 1 } },
      [],
    );
    expect(await store.health.list(ids)).toEqual(
      new Map([
        [a, { heartbeatMs: 1_500_000, reportedStatus: 'ok', reportedVersion: '1.2', bounds: null }],
        [b, { heartbeatMs: 900_000, reportedStatus: null, reportedVersion: null, bounds: null }],
        [c, { heartbeatMs: null, reportedStatus: null, reportedVersion: null, bounds }],
      ]),
    );
    expect(await store.health.countByHealth(project, 1_620_000)).toEqual({ healthy: 2, down: 1 });
    expect(await store.health.countByHealth(project, 1_300_000)).toEqual({
      healthy: 2,
      degraded: 1,
    });
    expect(await store.health.countByHealth('another', 1)).toEqual({});
  });

  test('keeps risk scores and how they came about', async () => {
    const { store, project } = context();
    const agentId = await register('sorter');
    const reasons = [
      { rule: 'R01', fact: 'writes_to_systems', points: 20, source: 'person', because: 'said so' },
    ] as const;
    const { risk } = store;
    expect(await risk.record(agentId, { score: 0, level: 'LOW', reasons: [] }, 1)).toEqual({
      before: 0,
      changed: true,
    });
    const scored = { score: 30, level: 'MEDIUM', reasons } as const;
    expect(await risk.record(agentId, scored, 1)).toEqual({ before: 0, changed: true });
    expect(await risk.record(agentId, scored, 5)).toEqual({ before: 30, changed: false });
    expect(await risk.record('agt_gone', scored, 5)).toBeUndefined();
    expect(await risk.listHistory(agentId, 9)).toEqual([
      { atMs: 2, ...scored },
      { atMs: 1, score: 0, level: 'LOW', reasons: [] },
    ]);
    expect(await store.agents.get(project, agentId)).toMatchObject({
      riskScore: 30,
      riskLevel: 'MEDIUM',
    });
    expect(await risk.countByLevel(project)).toEqual({ MEDIUM: 1 });
    for (let score = 31; score < 240; score += 1) {
      await risk.record(agentId, { ...scored, score: score % 100 }, score);
    }
    expect(await risk.listHistory(agentId, 1_000)).toHaveLength(200);
  });

  test('finds agents by risk, team and owner, and those seen since', async () => {
    const { store, project } = context();
    const [a, b] = [await register('a', 7e12), await register('b', 7e12)];
    const details = { owner: 'ada', team: 'ops', facts: { contains_pii: true } };
    const approvedModels = ['m1'];
    await store.agents.change(
      { project, id: a, expectedStatus: 'UNREVIEWED', details: { ...details, approvedModels } },
      [],
    );
    await store.risk.record(b, { score: 55, level: 'HIGH', reasons: [] }, 1);
    const find = async (filter: Parameters<typeof store.agents.find>[1]) => {
      const page = { sort: 'risk_score', direction: 'desc', offset: 0, limit: 9 } as const;
      return (await store.agents.find(project, filter, page)).agents.map((agent) => agent.name);
    };
    expect(await find({})).toEqual(['b', 'a']);
    expect(await find({ riskLevel: 'HIGH' })).toEqual(['b']);
    expect(await find({ team: 'ops' })).toEqual(['a']);
    expect(await find({ noOwner: true })).toEqual(['b']);
    expect(await find({ noOwner: false })).toEqual(['a']);
    expect(await store.agents.getByName(project, 'a')).toMatchObject({
      ...details,
      approvedModels,
    });
    expect(await store.agents.getByName('another', 'a')).toBeUndefined();
    const teams = await store.agents.listTeams();
    expect(teams.filter((row) => row.project === project)).toEqual([
      { project, name: 'a', team: 'ops' },
    ]);
    const known = [a, b].sort().map((id) => ({ id, project, name: id.at(-1), lastSeenMs: 7e12 }));
    const seen = await store.agents.listSeenSince(7e12, { limit: 1_000 });
    expect(seen.filter((agent) => agent.project === project)).toEqual(known);
    const after = { lastSeenMs: 7e12, id: known[0]!.id };
    const rest = await store.agents.listSeenSince(7e12, { limit: 1_000, after });
    expect(rest.filter((agent) => agent.project === project)).toEqual(known.slice(1));
  });
}
