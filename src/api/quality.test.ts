import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { sightingOf, startApi, type TestApi } from '../../test/harness/api.ts';
import { openQuality, type TestQuality } from '../../test/harness/quality.ts';
import { NOON_NS, RUN_ID, runDetailOf, TRACE_ID } from '../../test/harness/run-detail.ts';
import { DEFAULT_PROJECT } from '../auth/principal.ts';

let stores: TestQuality;
let api: TestApi;
let key: string;
let agentId: string;
beforeAll(async () => {
  stores = await openQuality();
  api = await startApi({ results: stores.results });
  key = await api.keyWith('monitoring:read', 'governance:write', 'telemetry:write');
  await api.registry.observe([sightingOf('assistant')]);
  const [agent] = (
    await api.store.agents.find(
      DEFAULT_PROJECT,
      {},
      { sort: 'name', direction: 'asc', offset: 0, limit: 1 },
    )
  ).agents;
  agentId = agent!.id;
});
afterAll(async () => {
  await api.close();
  await stores.close();
});

const get = async (path: string) => (await api.call('GET', `/api/v1${path}`, { key })).body;
const send = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1${path}`, { key, ...(body === undefined ? {} : { body }) });

describe('checks', () => {
  test('the catalogue says what each check takes', async () => {
    const { data } = await get('/quality/checks');
    expect(data).toHaveLength(17);
    expect(data[2]).toEqual({
      check_id: 'latency_within_sla',
      severity: 'MEDIUM',
      summary: 'The run took no longer than agreed.',
      on_by_default: true,
      params: {
        type: 'object',
        additionalProperties: false,
        properties: {
          max_ms: {
            description: 'How long a run may take, in milliseconds.',
            type: 'number',
            exclusiveMinimum: 0,
            maximum: 1e10,
            default: 60_000,
          },
        },
      },
    });
  });

  test('an agent’s checks are shown with the reason and can be set, on the record', async () => {
    const before = await get(`/agents/${agentId}/checks`);
    expect(before.data.agent).toBe('assistant');
    expect(before.data.checks[0]).toEqual({
      check_id: 'output_not_empty',
      summary: 'The run gave an output.',
      enabled: true,
      severity: 'HIGH',
      params: { min_characters: 1 },
      origin: 'default',
      reason: 'Made on every agent.',
      confidence: null,
    });
    const checks = [
      { check_id: 'latency_within_sla', params: { max_ms: 100 }, severity: 'LOW' },
      { check_id: 'error_free', enabled: false },
    ];
    const { status, body } = await send('PUT', `/agents/${agentId}/checks`, { checks });
    expect([status, before.data.overrides]).toEqual([200, []]);
    expect(body.data.overrides).toEqual(checks);
    expect(body.data.checks[2]).toMatchObject({
      check_id: 'latency_within_sla',
      params: { max_ms: 100 },
      severity: 'LOW',
      origin: 'override',
    });
    const entries = await api.store.auditLog.find(
      DEFAULT_PROJECT,
      { action: 'agent_checks.changed' },
      { limit: 10 },
    );
    expect(entries).toMatchObject([
      { target: { kind: 'agent_checks', id: 'assistant' }, detail: { from: [] } },
    ]);
    expect((await send('PUT', `/agents/${agentId}/checks`, { checks: [] })).body.data).toEqual(
      before.data,
    );
  });

  test.each([
    [[{ check_id: 'no_such_check' }], 'checks.0.check_id'],
    [[{ check_id: 'latency_within_sla', params: { max_ms: 'x' } }], 'latency_within_sla: max_ms'],
    [[{ check_id: 'error_free' }, { check_id: 'error_free' }], 'twice'],
    [[{ check_id: 'output_schema_valid', params: { schema: { type: 'x' } } }], 'no JSON Schema'],
  ])('%j is refused', async (checks, why) => {
    const { status, body } = await send('PUT', `/agents/${agentId}/checks`, { checks });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'VALIDATION_ERROR' });
    expect(body.error).toContain(why);
  });

  test('an agent that is not there has none', async () => {
    expect((await send('GET', '/agents/agt_none/checks')).status).toBe(404);
  });
});

describe('business rules', () => {
  const rule = {
    name: 'refunds are small',
    severity: 'HIGH',
    definition: { type: 'THRESHOLD_RANGE', field: 'refund', max: 100 },
  };

  test('are added, changed, listed and removed, each on the record', async () => {
    const made = await send('POST', '/quality/rules', rule);
    expect(made.status).toBe(201);
    const { id } = made.body.data;
    expect(made.body.data).toEqual({
      id,
      name: 'refunds are small',
      description: '',
      target_trace_name: '',
      target_agent: '',
      severity: 'HIGH',
      enabled: true,
      definition: { type: 'THRESHOLD_RANGE', field: 'refund', measure: null, min: null, max: 100 },
      created_at: '2026-11-20T12:00:00.000Z',
      updated_at: '2026-11-20T12:00:00.000Z',
    });
    expect((await send('POST', '/quality/rules', rule)).status).toBe(409);
    const off = await send('PUT', `/quality/rules/${id}`, { ...rule, enabled: false });
    expect(off.body.data).toMatchObject({ id, enabled: false });
    expect((await get('/quality/rules')).data).toEqual([off.body.data]);
    expect((await get(`/quality/rules/${id}`)).data).toEqual(off.body.data);
    expect((await send('DELETE', `/quality/rules/${id}`)).body.data).toEqual({ removed: true });
    expect((await send('GET', `/quality/rules/${id}`)).status).toBe(404);
    const entries = await api.store.auditLog.find(
      DEFAULT_PROJECT,
      { targetKind: 'quality_rule' },
      { limit: 10 },
    );
    expect(entries.map(({ action }) => action)).toEqual([
      'quality_rule.removed',
      'quality_rule.changed',
      'quality_rule.created',
    ]);
  });

  test('can be tried on texts and on a stored run before they are kept', async () => {
    const onTexts = await send('POST', '/quality/rules/test', { rule, output: '{"refund": 250}' });
    expect(onTexts.body.data).toMatchObject({
      is_target: true,
      result: {
        name: 'BR: refunds are small',
        outcome: 'failed',
        delta: 150,
        message: 'refund is 250, which is not at most 100.',
      },
      reason: null,
    });
    api.runDetails.set(RUN_ID, runDetailOf({ output: '{"refund": 5}' }));
    const onRun = await send('POST', '/quality/rules/test', {
      rule: { ...rule, target_agent: 'other' },
      run_id: RUN_ID,
    });
    expect(onRun.body.data).toMatchObject({ is_target: false, result: { outcome: 'passed' } });
    const nothing = await send('POST', '/quality/rules/test', { rule, output: 'words' });
    expect(nothing.body.data).toEqual({
      is_target: true,
      result: null,
      reason: 'the output has no number at refund',
    });
    expect((await send('POST', '/quality/rules/test', { rule })).status).toBe(400);
    const none = { rule, run_id: 'f'.repeat(16) };
    expect((await send('POST', '/quality/rules/test', none)).status).toBe(404);
    expect((await get('/quality/rules')).data).toEqual([]);
  });

  test('are held against recent runs that they are for, and nothing is kept', async () => {
    const ended = runDetailOf({ output: '{"refund": 250}' });
    const other = runDetailOf({ run: { runId: '3'.repeat(16), agent: 'other' } });
    const silent = runDetailOf({ run: { runId: '4'.repeat(16) }, output: null });
    const running = runDetailOf({ run: { runId: '5'.repeat(16), status: 'running' } });
    const all = [ended, other, silent, running];
    for (const detail of all) api.runDetails.set(detail.run.runId, detail);
    api.runs.families.push(
      ...all.map(({ run }) => ({ run, modelCalls: [], children: [], all: [run] })),
    );
    const tried = await send('POST', '/quality/rules/dry-run', {
      rule: { ...rule, target_agent: ended.run.agent },
    });
    expect(tried.body.data).toEqual({
      looked_at: 3,
      passed: 0,
      failed: 1,
      not_applicable: 1,
      runs: [
        {
          trace_id: TRACE_ID,
          run_id: RUN_ID,
          agent: ended.run.agent,
          started_at: '2026-11-20T12:00:00.000Z',
          outcome: 'failed',
          message: 'refund is 250, which is not at most 100.',
          expected: 'at most 100',
          actual: '250',
          evidence: { span_id: 'c'.repeat(16), value: '250' },
        },
        {
          trace_id: TRACE_ID,
          run_id: '4'.repeat(16),
          agent: ended.run.agent,
          started_at: '2026-11-20T12:00:00.000Z',
          outcome: 'not_applicable',
          message: 'the output of the run was not captured',
          expected: null,
          actual: null,
          evidence: null,
        },
      ],
    });
    expect((await get('/quality/rules')).data).toEqual([]);
    api.runs.families.length = 0;
    api.runDetails.clear();
  });

  test('that say nothing sensible are refused with the reason', async () => {
    const definition = { type: 'PATTERN_FORMAT', pattern: '(?<=a)b' };
    const { status, body } = await send('POST', '/quality/rules', { ...rule, definition });
    expect(status).toBe(400);
    expect(body.error).toContain('lookarounds');
  });
});

describe('results', () => {
  const refusal = runDetailOf({ output: "I'm sorry, I can't help with that." });
  const clean = runDetailOf({
    run: { runId: '1'.repeat(16), traceId: '2'.repeat(32), startNs: NOON_NS - 86_400_000_000_000n },
  });

  beforeAll(async () => {
    api.runDetails.set(RUN_ID, refusal);
    await api.quality.analysis.observe([refusal, clean]);
  });

  test('of a run are answered with what did not apply', async () => {
    const { data } = await get(`/runs/${RUN_ID}/quality`);
    expect(data.run_id).toBe(RUN_ID);
    expect(data.results).toHaveLength(8);
    expect(data.skipped).toContainEqual({
      check_id: 'no_tool_loop',
      reason: 'the run called no tool',
    });
    expect((await get(`/executions/${RUN_ID}/quality`)).data).toEqual(data);
    expect((await send('GET', `/runs/${'f'.repeat(16)}/quality`)).status).toBe(404);
  });

  test('are found by what they are, page by page, with evidence', async () => {
    const failed = await get('/quality/results?outcome=failed');
    expect(failed.data).toEqual([
      {
        trace_id: TRACE_ID,
        run_id: RUN_ID,
        agent: 'assistant',
        source: 'check',
        name: 'no_refusal_in_output',
        key: null,
        severity: 'MEDIUM',
        outcome: 'failed',
        score: 0,
        expected: 'no refusal',
        actual: "I'm sorry, I can't help with that.",
        delta: null,
        message: 'The output refuses: "I\'m sorry, I can\'t help".',
        evidence: { span_id: 'c'.repeat(16), value: "I'm sorry, I can't help with that." },
        at: '2026-11-20T12:00:00.000Z',
      },
    ]);
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { data: { name: string }[]; meta: { next_cursor: string | null } } = await get(
        `/quality/results?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      names.push(...page.data.map(({ name }) => name));
      cursor = page.meta.next_cursor;
    }
    expect(names).toHaveLength(16);
    expect((await send('GET', '/quality/results?cursor=bm9uc2Vuc2U')).status).toBe(400);
  });

  test('are summed by agent, check and day', async () => {
    const { data } = await get('/quality/summary?days=7');
    expect(data).toMatchObject({
      period_days: 7,
      passed: 15,
      failed: 1,
      pass_rate: 15 / 16,
      trend: { trend: 'insufficient' },
      daily: [
        { day: '2026-11-19', passed: 8, failed: 0, pass_rate: 1 },
        { day: '2026-11-20', passed: 7, failed: 1, pass_rate: 7 / 8 },
      ],
      agents: [{ agent: 'assistant', failed: 1, worst_severity: 'MEDIUM' }],
    });
    expect(data.checks).toContainEqual({
      source: 'check',
      name: 'no_refusal_in_output',
      passed: 1,
      failed: 1,
      scored: 0,
      unjudged: 0,
      pass_rate: 0.5,
      mean_score: 0.5,
    });
    const heatmap = (await get('/quality/heatmap?days=3')).data;
    expect(heatmap.days).toEqual(['2026-11-18', '2026-11-19', '2026-11-20']);
    expect(heatmap.agents).toMatchObject([
      {
        agent: 'assistant',
        cells: [
          null,
          { day: '2026-11-19', pass_rate: 1, worst_severity: null },
          { day: '2026-11-20', pass_rate: 7 / 8, worst_severity: 'MEDIUM' },
        ],
      },
    ]);
    const trends = (await get('/quality/trends?name=no_refusal_in_output')).data;
    expect(trends).toMatchObject([
      { agent: 'assistant', name: 'no_refusal_in_output', trend: 'insufficient', pass_rate: 0.5 },
    ]);
  });

  test('of a sender whose clock is years ahead are in no period that ends today', async () => {
    const [summary, trends] = ['/quality/summary?days=7', '/quality/trends'];
    const before = [await get(summary), await get(trends)];
    const startNs = NOON_NS + 3n * 365n * 86_400_000_000_000n;
    const ahead = runDetailOf({ run: { runId: '3'.repeat(16), traceId: '4'.repeat(32), startNs } });
    await api.quality.analysis.observe([ahead]);
    expect((await get(`/quality/results?run_id=${'3'.repeat(16)}`)).data).not.toEqual([]);
    expect([await get(summary), await get(trends)]).toEqual(before);
  });
});

describe('the judge', () => {
  test('is off, and its settings are kept on the record', async () => {
    expect((await get('/quality/judge')).data).toMatchObject({
      settings: { enabled: false, sample_rate: 0.05 },
      endpoint_configured: false,
      today: { day: '2026-11-20', calls: 0, cost_usd: 0 },
      runs: { judged: 0, waiting: 0, over_budget: 0, overrun: 0, failed: 0 },
    });
    const settings = {
      enabled: true,
      model: 'm',
      criteria: [{ name: 'polite', prompt: 'Be it.' }],
    };
    const { body } = await send('PUT', '/quality/judge', settings);
    expect(body.data.settings).toMatchObject({ enabled: true, model: 'm', calls_per_day: 100 });
    expect((await send('PUT', '/quality/judge', { enabled: true })).status).toBe(400);
    expect((await send('PUT', '/quality/judge', { base_url: 'http://x' })).status).toBe(400);
  });
});

describe('results from outside', () => {
  const job = {
    agent_id: 'assistant',
    overall_passed: false,
    token_input: 10,
    token_output: 5,
    model: 'gpt-5-mini',
    latency_ms: 12.5,
    checks: [
      { check_id: 'totals', severity: 'HIGH', passed: false, expected: 3, actual: 4, delta: 1 },
      { check_id: 'tone', passed: true, message: 'fine' },
    ],
  };

  test('of a job stand under it, once', async () => {
    const first = await send('POST', '/jobs/job-7/quality', job);
    expect(first.body.data).toEqual({
      signal_id: expect.stringMatching(/^sig_[0-9a-f]{30}$/) as string,
      agent_id: 'assistant',
      job_id: 'job-7',
      overall_passed: false,
      check_count: 2,
      passed_count: 1,
      received_at: '2026-11-20T12:00:00.000Z',
    });
    const again = await send('POST', '/jobs/job-7/quality', { ...job, agent_id: agentId });
    expect(again.body.data.signal_id).toBe(first.body.data.signal_id);
    const { data } = await get('/quality/results?source=job');
    expect(data).toMatchObject([
      { trace_id: null, agent: 'assistant', name: 'totals', key: 'job-7', expected: '3', delta: 1 },
      { name: 'tone', severity: 'MEDIUM', outcome: 'passed', message: 'fine' },
    ]);
  });

  test('of a job that is a trace here belong to its run', async () => {
    await send('POST', `/jobs/${TRACE_ID}/quality`, job);
    const { data } = await get(`/quality/results?source=job&run_id=${RUN_ID}`);
    expect(data).toHaveLength(2);
  });

  test('are refused beyond a thousand a minute for an agent', { timeout: 60_000 }, async () => {
    const bare = await startApi();
    const bareKey = await bare.keyWith('telemetry:write');
    const push = (agent_id = 'busy') =>
      bare.call('POST', '/api/v1/jobs/j/quality', {
        key: bareKey,
        body: { agent_id, overall_passed: true, checks: [] },
      });
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => push()));
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    }
    const last = await push();
    expect({ status: last.status, wait: last.headers.get('retry-after') }).toEqual({
      status: 429,
      wait: '60',
    });
    expect((await push('calm')).status).toBe(200);
    bare.clock.nowMs += 60_000;
    expect((await push()).status).toBe(200);
    await bare.close();
  });

  test('as scores of Langfuse come with its kind of login and fields', async () => {
    const basic = `Basic ${Buffer.from(`pk-lf-1:${key}`).toString('base64')}`;
    const post = (body: unknown) =>
      api.call('POST', '/api/public/scores', { body, headers: { authorization: basic } });
    const score = { traceId: TRACE_ID, name: 'helpful', value: 0.8, environment: 'production' };
    const made = await post({ ...score, id: 's1', observationId: 'C'.repeat(16), comment: 'ok' });
    expect({ status: made.status, body: made.body }).toEqual({ status: 200, body: { id: 's1' } });
    await post({ ...score, id: 's2', name: 'correct', value: 1, dataType: 'BOOLEAN' });
    await post({ ...score, id: 's3', name: 'verdict', value: 'fail' });
    await post({ ...score, id: 's1', value: 0.9 });
    const { data } = await get('/quality/results?source=langfuse');
    expect(data).toMatchObject([
      { name: 'verdict', outcome: 'failed', score: null, actual: 'fail', run_id: RUN_ID },
      { name: 'helpful', outcome: 'scored', score: 0.9, agent: 'assistant', evidence: null },
      { name: 'correct', outcome: 'passed', score: 1 },
    ]);
    expect((await post({ ...score, value: 2, dataType: 'BOOLEAN' })).status).toBe(400);
    expect((await post({ ...score, traceId: 'x' })).status).toBe(400);
  });

  test('as a batch of Langfuse, each item with its own outcome', async () => {
    const score = { traceId: TRACE_ID, name: 'batched', value: 0.25 };
    const answer = await api.call('POST', '/api/public/ingestion', {
      key,
      body: {
        batch: [
          { id: 'i1', type: 'score-create', timestamp: 'now', body: { ...score, id: 'b1' } },
          { id: 'i2', type: 'trace-create', body: {} },
          { id: 'i3', type: 'score-create', body: { ...score, traceId: 'x' } },
          { id: 'i4', type: 'score-create', body: { ...score, id: 'b2', value: 0.5 } },
        ],
        metadata: { sdk: 'python' },
      },
    });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 207,
      body: {
        successes: [
          { id: 'i1', status: 201 },
          { id: 'i4', status: 201 },
        ],
        errors: [
          { id: 'i2', status: 400, message: expect.stringContaining('over OTLP') as unknown },
          {
            id: 'i3',
            status: 400,
            message: expect.stringContaining('32 hexadecimal digits') as unknown,
          },
        ],
      },
    });
    const { data } = await get('/quality/results?source=langfuse');
    const scores = (data as { name: string; score: number }[]).filter(
      ({ name }) => name === 'batched',
    );
    expect(new Set(scores.map((each) => each.score))).toEqual(new Set([0.25, 0.5]));
  });

  test('need a key', async () => {
    const { status } = await api.call('POST', '/api/v1/jobs/j/quality', { body: job });
    expect(status).toBe(401);
  });
});
