import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { NOON_MS, sightingOf, startApi, type TestApi } from '../../test/harness/api.ts';
import type { WatchedAgent } from '../analysis/anomalies/anomaly-desk.ts';
import type { Finding } from '../model/anomaly.ts';
import type { RunSample } from '../model/run-sample.ts';

const HOUR_MS = 3_600_000;
let api: TestApi;
let key: string;
let names = 0;
let agent: WatchedAgent;

beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('admin');
});
afterAll(() => api.close());
beforeEach(async () => {
  api.clock.nowMs = NOON_MS;
  const name = `agent ${(names += 1)}`;
  const { discovered } = await api.registry.observe([
    sightingOf(name, { models: ['m1'], tools: ['search'], providers: ['openai'] }),
  ]);
  agent = { id: discovered[0]!, project: 'default', name };
});

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1${path}`, { key, body });

const findingOf = (rest: Partial<Finding> = {}): Finding => ({
  kind: 'latency_shift',
  severity: 'medium',
  evidence: {
    summary: 'Runs take longer.',
    measure: 'median duration of a run',
    unit: 's',
    observed: 3,
    baseline: 1,
    score: 7.5,
    scoreName: 'z',
    deviationPercent: 200,
    n: 10,
    baselineN: 100,
    window: { fromMs: api.clock.nowMs - HOUR_MS, toMs: api.clock.nowMs },
    version: 'v2',
    baselineVersion: 'v1',
    runs: [{ traceId: 'ab', runId: 'cd' }],
    more: { share: 0.5 },
  },
  ...rest,
});

describe('anomalies', () => {
  const find = async (query = '') =>
    (await call('GET', `/anomalies?agent_id=${agent.id}${query}`)).body.data;
  const alertsOf = async () =>
    (await call('GET', `/alerts?subject_id=${agent.id}`)).body.data.map(
      (alert: { severity: string }) => alert.severity,
    );

  test('are shown over time, with the band of what was usual when the watch looked', async () => {
    const runOf = (hoursAgo: number, durationS: number): RunSample => ({
      traceId: 'ab',
      runId: 'cd',
      startMs: NOON_MS - hoursAgo * HOUR_MS,
      version: 'v1',
      failed: false,
      durationS,
      cost: null,
      tokens: null,
      loopLength: 1,
      models: [],
      tools: {},
    });
    const slow = Array.from({ length: 10 }, (_, at) => runOf(at * 0.05 + 0.01, 3));
    const before = Array.from({ length: 400 }, (_, at) => runOf(1 + at * 0.5, 1));
    api.samples.set(agent.name, [...slow, ...before]);
    await api.anomalyDesk.report(agent, [findingOf()]);
    const [anomaly] = await find();
    const { data } = (await call('GET', `/anomalies/${anomaly.id}/series`)).body;
    expect([data.metric, data.unit, data.points.length]).toEqual(['duration', 's', 24]);
    expect(data.points.at(-1)).toEqual({
      at: new Date(NOON_MS).toISOString(),
      n: 10,
      value: expect.closeTo(3, 9),
      usual: 1,
      low: expect.closeTo(2 / 3, 9),
      high: expect.closeTo(1.5, 9),
    });
    expect(data.points[0]).toMatchObject({ n: 10, value: 1, usual: 1 });

    const path = `/agents/${agent.id}/baselines/series`;
    const week = (await call('GET', `${path}?metric=duration&hours=168`)).body.data;
    expect(week.points).toHaveLength(28);
    const costs = (await call('GET', `${path}?metric=cost&hours=24`)).body.data;
    expect(costs.points.at(-1)).toMatchObject({ value: null, usual: null, low: null, high: null });
    const versions = (await call('GET', `/agents/${agent.id}/versions`)).body.data;
    expect(versions).toMatchObject([
      { version: 'v1', runs: 410, median_duration_s: 1, changed: null },
    ]);
    expect((await call('GET', `${path}?metric=check`)).status).toBe(400);
    expect((await call('GET', '/anomalies/none/series')).status).toBe(404);
  });

  test('opens one with its evidence, brings it up to date, and tells again when it gets worse', async () => {
    await api.anomalyDesk.report(agent, [findingOf()]);
    const [opened] = await find();
    expect(opened).toEqual({
      id: opened.id,
      agent_id: agent.id,
      agent: agent.name,
      kind: 'latency_shift',
      severity: 'medium',
      status: 'open',
      opened_at: '2026-11-20T12:00:00.000Z',
      detected_at: '2026-11-20T12:00:00.000Z',
      detections: 1,
      reopened: 0,
      acknowledged: null,
      resolved: null,
      evidence: {
        summary: 'Runs take longer.',
        measure: 'median duration of a run',
        unit: 's',
        observed: 3,
        baseline: 1,
        score: 7.5,
        score_name: 'z',
        deviation_percent: 200,
        n: 10,
        baseline_n: 100,
        window: { from: '2026-11-20T11:00:00.000Z', to: '2026-11-20T12:00:00.000Z' },
        version: 'v2',
        baseline_version: 'v1',
        runs: [{ trace_id: 'ab', run_id: 'cd' }],
        more: { share: 0.5 },
      },
    });
    api.clock.nowMs += 60_000;
    await api.anomalyDesk.report(agent, [findingOf()]);
    expect(await find()).toEqual([opened]);
    await api.anomalyDesk.report(agent, [findingOf({ severity: 'critical' })]);
    api.clock.nowMs += 10 * 60_000;
    await api.anomalyDesk.report(agent, [findingOf({ severity: 'low' })]);
    expect(await find()).toMatchObject([
      {
        id: opened.id,
        severity: 'critical',
        detections: 3,
        detected_at: '2026-11-20T12:11:00.000Z',
      },
    ]);
    expect(await alertsOf()).toEqual(['critical', 'medium']);
  });

  test('is acknowledged and resolved, by whom, when and why, and once', async () => {
    await api.anomalyDesk.report(agent, [findingOf()]);
    const [{ id }] = await find();
    const post = (verb: string, body?: unknown) => call('POST', `/anomalies/${id}/${verb}`, body);
    const seen = await post('acknowledge', { note: 'looking' });
    expect(seen.body.data).toMatchObject({
      status: 'acknowledged',
      acknowledged: { by: 'admin', at: '2026-11-20T12:00:00.000Z', note: 'looking' },
    });
    expect((await post('acknowledge')).status).toBe(409);
    const done = await post('resolve', { resolution: 'a slow network' });
    expect(done.body.data).toMatchObject({
      status: 'resolved',
      resolved: { by: 'admin', note: 'a slow network' },
    });
    expect((await post('resolve')).status).toBe(409);
    expect((await call('POST', '/anomalies/ano_none/resolve')).status).toBe(404);
    const entries = await api.store.auditLog.find('default', { targetId: id }, { limit: 9 });
    expect(entries.map(({ action, reason }) => [action, reason])).toEqual([
      ['anomaly.resolved', 'a slow network'],
      ['anomaly.acknowledged', 'looking'],
      ['anomaly.opened', null],
    ]);
  });

  test('comes back after a resolution only by later runs: the same within a week, then a new one', async () => {
    await api.anomalyDesk.report(agent, [findingOf()]);
    const [{ id }] = await find();
    await call('POST', `/anomalies/${id}/resolve`);
    api.clock.nowMs += HOUR_MS / 2;
    await api.anomalyDesk.report(agent, [findingOf()]);
    expect(await find('&status=open')).toEqual([]);
    api.clock.nowMs += 24 * HOUR_MS;
    await api.anomalyDesk.report(agent, [findingOf()]);
    expect(await find()).toMatchObject([{ id, status: 'open', reopened: 1, resolved: null }]);
    await call('POST', `/anomalies/${id}/resolve`);
    api.clock.nowMs += 8 * 24 * HOUR_MS;
    await api.anomalyDesk.report(agent, [findingOf()]);
    expect(await find()).toMatchObject([
      { status: 'open', reopened: 0 },
      { id, status: 'resolved' },
    ]);
    expect(await alertsOf()).toHaveLength(3);
  });

  test('is found by what others call it, and counted', async () => {
    await api.anomalyDesk.report(agent, [
      findingOf({ kind: 'error_surge', severity: 'high' }),
      findingOf({ kind: 'cost_spike' }),
    ]);
    const kinds = async (query: string) =>
      (await find(query)).map((row: { kind: string }) => row.kind);
    expect(await kinds('&kind=reliability_decay')).toEqual(['error_surge']);
    expect(await kinds('&anomaly_type=COST_SPIKE&severity=MEDIUM')).toEqual(['cost_spike']);
    expect((await call('GET', '/anomalies?kind=nonsense')).status).toBe(400);
    const { body } = await call('GET', '/anomalies/summary');
    expect(body.data.by_status.open).toBeGreaterThanOrEqual(2);
    expect(body.data.by_kind).toMatchObject({ quality_degradation: 0, model_mismatch: 0 });
    const one = await find('&kind=cost_spike');
    expect((await call('GET', `/anomalies/${one[0].id}`)).body.data).toEqual(one[0]);
    expect((await call('GET', '/anomalies/ano_none')).status).toBe(404);
  });
});

test('answers what is usual of an agent by version', async () => {
  const run = (index: number): RunSample => ({
    traceId: 'ab',
    runId: String(index),
    startMs: NOON_MS - index * HOUR_MS,
    version: 'v1',
    failed: index % 4 === 0,
    durationS: 2,
    cost: null,
    tokens: index,
    loopLength: 1,
    models: [],
    tools: { search: 3, read: 1 },
  });
  api.samples.set(
    agent.name,
    Array.from({ length: 30 }, (_, index) => run(index)),
  );
  const { body } = await call('GET', `/agents/${agent.id}/baselines`);
  const alike = { n: 20, mad: 0, stddev: 0 };
  expect(body.data).toEqual({
    agent_id: agent.id,
    as_of: '2026-11-20T12:00:00.000Z',
    minimum_runs: 20,
    versions: [
      {
        version: 'v1',
        runs: 20,
        from: '2026-11-19T07:00:00.000Z',
        to: '2026-11-20T02:00:00.000Z',
        cost: null,
        tokens: {
          n: 20,
          mean: 19.5,
          stddev: Math.sqrt(35),
          median: 19.5,
          mad: 5,
          min: 10,
          max: 29,
          unit: 'tokens',
        },
        duration: { ...alike, mean: 2, median: 2, min: 2, max: 2, unit: 's' },
        loop_length: { ...alike, mean: 1, median: 1, min: 1, max: 1, unit: 'calls' },
        error_rate: 0.25,
        tool_mix: { search: 0.75, read: 0.25 },
      },
    ],
  });
  expect((await call('GET', '/agents/agt_none/baselines')).status).toBe(404);
});

describe('health', () => {
  const healthOf = async () => (await call('GET', `/agents/${agent.id}`)).body.data.health;

  test('follows from the last activity, and from the bounds of the agent', async () => {
    const states: string[] = [];
    for (const silentMs of [120_000, 120_001, 300_000, 300_001]) {
      api.clock.nowMs = NOON_MS + silentMs;
      states.push((await healthOf()).status);
    }
    expect(states).toEqual(['healthy', 'degraded', 'degraded', 'down']);
    const bounds = { healthy_within_seconds: 3_600, degraded_within_seconds: 7_200 };
    await call('PATCH', `/agents/${agent.id}`, { health_bounds: bounds, reason: 'a nightly job' });
    expect(await healthOf()).toMatchObject({ status: 'healthy', ...bounds });
    await call('PATCH', `/agents/${agent.id}`, { health_bounds: null });
    expect(await healthOf()).toMatchObject({ status: 'down', healthy_within_seconds: 120 });
    const wrong = { healthy_within_seconds: 10, degraded_within_seconds: 5 };
    const refused = await call('PATCH', `/agents/${agent.id}`, { health_bounds: wrong });
    expect(refused.status).toBe(400);
  });

  test('is kept up by heartbeats, of ids and names, alone and in batches', async () => {
    api.clock.nowMs += HOUR_MS;
    const beat = { agent_id: agent.id, status: 'healthy', version: '1.2', metadata: { pid: 7 } };
    const { body } = await call('POST', '/telemetry/heartbeat', beat);
    expect(body.data).toEqual({ agent_id: agent.id, received_at: '2026-11-20T13:00:00.000Z' });
    await api.heartbeatDesk.flush();
    expect(await healthOf()).toMatchObject({
      status: 'healthy',
      last_heartbeat: '2026-11-20T13:00:00.000Z',
      reported_status: 'healthy',
      reported_version: '1.2',
    });
    api.clock.nowMs += HOUR_MS;
    const heartbeats = [{ agent_id: agent.name }, { agent_id: `new ${agent.name}` }];
    const batch = await call('POST', '/telemetry/heartbeats', { heartbeats });
    expect(batch.body.data).toEqual({ accepted: 2, refused: [] });
    await api.heartbeatDesk.flush();
    expect(await healthOf()).toMatchObject({ last_heartbeat: '2026-11-20T14:00:00.000Z' });
    const fresh = await api.store.agents.getByName('default', `new ${agent.name}`);
    expect(fresh).toMatchObject({ status: 'UNREVIEWED', lastSeenMs: api.clock.nowMs });
  });

  test('is told by beacons, which need a key', async () => {
    const beacon = { agent_id: `beacon ${names}`, version: '1', framework: 'LANGGRAPH', more: 1 };
    const { status, body } = await call('POST', '/agents/beacon', beacon);
    expect(status).toBe(200);
    expect(await api.store.agents.get('default', body.data.agent_id)).toMatchObject({
      name: beacon.agent_id,
      facets: { framework: ['LANGGRAPH'] },
    });
    const reader = await api.keyWith('registry:read');
    for (const given of [undefined, reader]) {
      const options = { body: beacon, ...(given === undefined ? {} : { key: given }) };
      const refused = await api.call('POST', '/api/v1/agents/beacon', options);
      expect(refused.status).toBe(given === undefined ? 401 : 403);
    }
  });

  test('is counted with risk and owners', async () => {
    const { body } = await call('GET', '/registry/stats');
    const { by_health: byHealth, critical, high, medium, low, total } = body.data;
    const { healthy, degraded, down, unknown } = byHealth;
    expect([healthy + degraded + down, unknown]).toEqual([total, 0]);
    expect(critical + high + medium + low).toBe(total);
    expect(body.data.no_owner).toBe(total);
  });
});

describe('risk', () => {
  const riskOf = async () => (await call('GET', `/agents/${agent.id}/risk`)).body.data;

  test('adds up rules, with what each stands on, and what people say outweighs telemetry', async () => {
    await api.registry.observe([
      sightingOf(agent.name, { tools: ['createRefund', 'python_repl'] }),
    ]);
    await api.registry.flush();
    await api.riskKeeper.refresh('default', agent.id);
    const first = await riskOf();
    expect(first).toMatchObject({
      score: 57,
      level: 'HIGH',
      reasons: [
        { rule: 'R01', points: 20, source: 'telemetry', because: 'calls createRefund' },
        { rule: 'R03', points: 15, source: 'telemetry', because: 'calls models of openai' },
        { rule: 'R05', points: 10, source: 'registry', because: 'nobody owns it' },
        { rule: 'R07', points: 12, source: 'telemetry', because: 'calls python_repl' },
      ],
    });
    const edit = {
      owner: 'ada',
      writes_to_systems: false,
      contains_pii: true,
      high_confidence: true,
    };
    const edited = await call('PATCH', `/agents/${agent.id}`, edit);
    expect(edited.body.data).toMatchObject({
      risk_score: 37,
      risk_level: 'MEDIUM',
      facts: { writes_to_systems: false, contains_pii: true, high_confidence: true },
    });
    await call('PATCH', `/agents/${agent.id}`, { high_confidence: null });
    const { score, history } = await riskOf();
    expect([score, history.map((entry: { score: number }) => entry.score)]).toEqual([
      42,
      [42, 37, 57],
    ]);
    const [entry] = await api.store.auditLog.find('default', { targetId: agent.id }, { limit: 1 });
    expect(entry!.detail).toEqual({
      name: agent.name,
      from: { facts: { writes_to_systems: false, contains_pii: true, high_confidence: true } },
      to: { facts: { writes_to_systems: false, contains_pii: true } },
    });
    const alerts = (await call('GET', `/alerts?kind=risk&subject_id=${agent.id}`)).body.data;
    expect(alerts).toMatchObject([{ title: `The risk of ${agent.name} is high now` }]);
  });

  test('is scored by rules that people set, for all agents at once', async () => {
    const { body } = await call('GET', '/risk/rules');
    const rules = body.data.rules;
    expect(body.data.bands).toEqual({ LOW: 0, MEDIUM: 25, HIGH: 50, CRITICAL: 70 });
    const harsh = [{ id: 'X1', fact: 'not_approved', points: 80 }];
    const set = await call('PUT', '/risk/rules', { rules: harsh });
    expect(set.body.data.rules).toEqual([{ ...harsh[0], enabled: true }]);
    const path = `/agents?sort_by=risk_score&risk_level=critical&search=${encodeURIComponent(agent.name)}`;
    const listed = (await call('GET', path)).body.data;
    expect(listed).toMatchObject([{ id: agent.id, risk_score: 80 }]);
    const twice = await call('PUT', '/risk/rules', { rules: [...harsh, ...harsh] });
    expect([twice.status, twice.body.error]).toEqual([400, 'the rule X1 is there twice']);
    await call('PUT', '/risk/rules', { rules });
    expect((await riskOf()).score).toBe(25);
  });
});

test('who approves an agent approves the models that it was seen with, unless models are named', async () => {
  const approved = await call('PATCH', `/agents/${agent.id}`, { status: 'APPROVED' });
  expect(approved.body.data.approved_models).toEqual(['m1']);
  const edited = await call('PATCH', `/agents/${agent.id}`, { approved_models: ['m1', 'm2'] });
  expect(edited.body.data.approved_models).toEqual(['m1', 'm2']);
  const entries = await api.store.auditLog.find('default', { targetId: agent.id }, { limit: 2 });
  expect(entries.map(({ detail }) => detail)).toEqual([
    {
      name: agent.name,
      from: { approvedModels: ['m1'] },
      to: { approvedModels: ['m1', 'm2'] },
    },
    { name: agent.name, from: 'UNREVIEWED', to: 'APPROVED', approved_models: ['m1'] },
  ]);
});
