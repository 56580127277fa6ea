import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { NOON_MS, sightingOf, startApi, type TestApi } from '../../test/harness/api.ts';
import { NO_COSTS } from '../analysis/costs/cost-sums.ts';
import { parseDollars } from '../model/money.ts';
import { SYSTEM_ACTOR } from '../storage/audit-log.ts';
import type { CostGroup, CostSums } from '../storage/cost-store.ts';

let api: TestApi;
let key: string;
let ids: Record<string, string>;

beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('cost:read', 'registry:write', 'governance:write');
  const names = ['approved', 'waiting', 'new', 'stopped'];
  const { discovered } = await api.registry.observe(names.map((name) => sightingOf(name)));
  ids = Object.fromEntries(names.map((name, index) => [name, discovered[index]!]));
  const patch = (name: string, body: unknown) =>
    api.call('PATCH', `/api/v1/agents/${ids[name]}`, { key, body });
  await patch('approved', { status: 'APPROVED', team: 'mail' });
  await patch('waiting', { status: 'PENDING_REVIEW', team: 'mail' });
  await patch('stopped', { status: 'APPROVED' });
  await patch('stopped', { status: 'SUSPENDED' });
});
afterAll(() => api.close());
beforeEach(() => {
  api.costs.groups.clear();
  api.costs.unpriced.length = 0;
  api.costs.asked.length = 0;
});

const get = (path: string) => api.call('GET', path, { key });

function sums(dollars: string, rest: Partial<CostSums> = {}): CostSums {
  return { ...NO_COSTS, cost: parseDollars(dollars)!, calls: 1, pricedCalls: 1, ...rest };
}

const group = (groupKey: string[], dollars: string, rest: Partial<CostSums> = {}): CostGroup => ({
  key: groupKey,
  sums: sums(dollars, rest),
});

/** The sums of a group as they are answered, where only the amount and the calls say something. */
const answered = (dollars: number, calls: number, display = dollars) => ({
  cost_usd: dollars,
  cost_display: display,
  reported_cost_usd: 0,
  estimated_cost_usd: 0,
  calls,
  failed_calls: 0,
  unpriced_calls: 0,
  calls_without_tokens: 0,
  invalid_calls: 0,
  estimated_calls: 0,
  input_tokens: null,
  output_tokens: null,
  cache_read_tokens: null,
  cache_write_tokens: null,
  reasoning_tokens: null,
});

describe('the summary', () => {
  test('counts approved agents, and shows what the others cost beside them', async () => {
    api.costs.groups.set('day,agent', [
      group(['2026-11-20', 'approved'], '1'),
      group(['2026-11-19', 'approved'], '0.5'),
      group(['2026-11-20', 'waiting'], '0.25'),
      group(['2026-11-20', 'new'], '0.125', { estimatedCost: parseDollars('0.125')! }),
      group(['2026-11-20', 'stopped'], '0.1'),
      group(['2026-11-20', 'never registered'], '0.01'),
      group(['2026-11-20', ''], '0.015', { unpricedCalls: 2 }),
    ]);
    const { status, body } = await get('/api/v1/costs/summary?days=2');
    expect([status, body.data]).toEqual([
      200,
      {
        period_days: 2,
        from: '2026-11-19T00:00:00.000Z',
        to: '2026-11-21T00:00:00.000Z',
        total_cost_usd: 1.5,
        total_cost_display: 1.5,
        unreviewed_cost_usd: 0.385,
        unattributed_cost_usd: 0.015,
        all_cost_usd: 2,
        all_cost_display: 2,
        by_status: {
          UNREVIEWED: 0.135,
          PENDING_REVIEW: 0.25,
          APPROVED: 1.5,
          SUSPENDED: 0.1,
          RETIRED: 0,
          DISMISSED: 0,
          UNATTRIBUTED: 0.015,
        },
        estimated_share: 0.0625,
        all: { ...answered(2, 7), estimated_cost_usd: 0.125, unpriced_calls: 2 },
        display_currency: 'USD',
        display_rate: 1,
        daily_trend: [
          { date: '2026-11-19', cost_usd: 0.5, cost_display: 0.5, all_cost_usd: 0.5 },
          { date: '2026-11-20', cost_usd: 1, cost_display: 1, all_cost_usd: 1.5 },
        ],
      },
    ]);
    expect((await get('/api/v1/cost/summary?days=2')).body).toEqual(body);
  });

  test('has a day for every date, also without costs, in the time zone asked for', async () => {
    const dates = async (query: string) => {
      const { body } = await get(`/api/v1/costs/summary?${query}`);
      const trend = body.data.daily_trend as { date: string }[];
      return [trend.map(({ date }) => date.slice(5)).join(' '), body.data.from, body.data.to];
    };
    expect(await dates('days=3')).toEqual([
      '11-18 11-19 11-20',
      '2026-11-18T00:00:00.000Z',
      '2026-11-21T00:00:00.000Z',
    ]);
    // Noon in UTC is past midnight in Auckland; Berlin leaves summer time on the 25th of October.
    expect(await dates('days=1&time_zone=Pacific/Auckland')).toEqual([
      '11-21',
      '2026-11-20T11:00:00.000Z',
      '2026-11-21T11:00:00.000Z',
    ]);
    expect(await dates('days=28&time_zone=Europe/Berlin')).toEqual([
      expect.stringMatching(/^10-24 10-25 10-26 .* 11-20$/),
      '2026-10-23T22:00:00.000Z',
      '2026-11-20T23:00:00.000Z',
    ]);
    expect((await get('/api/v1/costs/summary')).body.data.period_days).toBe(30);
  });
});

describe('groups', () => {
  test('whose calls have no price have no amount, which is not the same as none', async () => {
    api.costs.groups.set('model', [
      group(['gpt-4o'], '0.75'),
      group(['partly'], '0.25', { calls: 2, unpricedCalls: 1 }),
      group(['free'], '0'),
      group(['zebra-9000'], '0', { pricedCalls: 0, unpricedCalls: 1 }),
    ]);
    const { body } = await get('/api/v1/costs/by-model?days=1');
    const rows = body.data as { name: string; cost_usd: unknown; cost_display: unknown }[];
    expect(rows.map((row) => [row.name, row.cost_usd, row.cost_display])).toEqual([
      ['gpt-4o', 0.75, 0.75],
      ['partly', 0.25, 0.25],
      ['free', 0, 0],
      ['zebra-9000', null, null],
    ]);
    expect(body.meta.total.cost_usd).toBe(1);
  });

  test('of agents name the agent, its team and status, its share, and where its runs are', async () => {
    api.costs.groups.set('agent', [group(['approved'], '0.75'), group([''], '0.25')]);
    const { body } = await get('/api/v1/costs/by-agent?days=1&model=gpt-4o');
    expect(body).toEqual({
      success: true,
      data: [
        {
          name: 'approved',
          agent_id: ids['approved'],
          status: 'APPROVED',
          team: 'mail',
          ...answered(0.75, 1),
          share: 0.75,
          runs: '/api/v1/runs?agent=approved&model=gpt-4o&from=2026-11-20T00%3A00%3A00.000Z&to=2026-11-21T00%3A00%3A00.000Z',
        },
        {
          name: null,
          agent_id: null,
          status: null,
          team: null,
          ...answered(0.25, 1),
          share: 0.25,
          runs: null,
        },
      ],
      meta: {
        from: '2026-11-20T00:00:00.000Z',
        to: '2026-11-21T00:00:00.000Z',
        display_currency: 'USD',
        display_rate: 1,
        total: answered(1, 2),
      },
    });
    expect(api.costs.asked[0]).toMatchObject({
      filter: { fromMs: NOON_MS - 43_200_000, toMs: NOON_MS + 43_200_000, model: 'gpt-4o' },
      by: ['agent'],
    });
  });

  test('of teams add up their agents, and what has none', async () => {
    api.costs.groups.set('agent', [
      group(['approved'], '1'),
      group(['new'], '0.5'),
      group(['waiting'], '0.25'),
      group([''], '0.125'),
    ]);
    for (const path of ['costs/by-team', 'cost/by-team']) {
      const { body } = await get(`/api/v1/${path}?limit=5`);
      const rows = body.data as { name: string | null; cost_usd: number; calls: number }[];
      expect(rows.map(({ name, cost_usd, calls }) => [name, cost_usd, calls])).toEqual([
        ['mail', 1.25, 2],
        [null, 0.625, 2],
      ]);
    }
  });

  test('of departments tell what is used of their budgets, idle ones last', async () => {
    api.costs.groups.set('agent', [group(['approved'], '1'), group([''], '0.125')]);
    const created: string[] = [];
    for (const [subject, amount] of [
      ['mail', 4],
      ['idle', 8],
    ] as const) {
      const edit = {
        scope: 'team',
        subject,
        month: '',
        thresholds: [50],
        enforced: false,
      } as const;
      const budget = { ...edit, amount: BigInt(amount) * 1_000_000_000_000n };
      const { budget: made } = await api.budgetBook.create('default', budget, SYSTEM_ACTOR);
      created.push(made.id);
    }
    const { body } = await get('/api/v1/costs/departments?limit=5');
    const rows = body.data as {
      name: string | null;
      cost_usd: number;
      budget: { amount_usd: number; remaining_usd: number; period: string } | null;
    }[];
    expect(
      rows.map(({ name, cost_usd, budget }) => [
        name,
        cost_usd,
        budget?.amount_usd ?? null,
        budget?.period ?? null,
      ]),
    ).toEqual([
      ['mail', 1, 4, '2026-11'],
      [null, 0.125, null, null],
      ['idle', 0, 8, '2026-11'],
    ]);
    expect((await get('/api/v1/costs/departments?limit=2')).body.data).toHaveLength(2);
    for (const id of created) await api.budgetBook.remove('default', id, SYSTEM_ACTOR);
  });

  test('of days have every day of the period', async () => {
    api.costs.groups.set('day', [group(['2026-11-20'], '1')]);
    const { body } = await get('/api/v1/costs/by-day?days=2');
    const rows = body.data as { name: string; cost_usd: number }[];
    expect(rows.map(({ name, cost_usd }) => [name, cost_usd])).toEqual([
      ['2026-11-19', 0],
      ['2026-11-20', 1],
    ]);
  });

  test.each(['by-model', 'by-user', 'by-conversation', 'by-provider'])('%s', async (path) => {
    const dimension = path.slice(3);
    api.costs.groups.set(dimension, [group(['x'], '1'), group(['y'], '0.5')]);
    const { body } = await get(`/api/v1/costs/${path}?limit=1`);
    expect([body.data.length, body.data[0].name, body.meta.total.cost_usd]).toEqual([1, 'x', 1.5]);
  });

  test('of projects are the one that the credential is for', async () => {
    api.costs.groups.set('agent', [group(['approved'], '1'), group([''], '2')]);
    const { body } = await get('/api/v1/costs/by-project');
    expect([body.data.length, body.data[0].name, body.data[0].cost_usd]).toEqual([1, 'default', 3]);
  });

  test.each([
    'days=0',
    'days=367',
    'time_zone=Mars/Olympus',
    'time_zone=%2B05:00',
    'from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z',
    'from=2020-01-01T00:00:00Z&to=2026-11-19T00:00:00Z',
    'limit=1001',
  ])('refuse the query %s', async (query) => {
    const { status, body } = await get(`/api/v1/costs/by-agent?${query}`);
    expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
  });
});

test('what one agent cost is told by day and by model', async () => {
  api.costs.groups.set('day', [group(['2026-11-20'], '1')]);
  api.costs.groups.set('model', [group(['gpt-4o'], '1')]);
  const { body } = await get(`/api/v1/costs/agents/${ids['approved']}?days=1`);
  expect(body.data).toMatchObject({
    agent: 'approved',
    status: 'APPROVED',
    period_days: 1,
    total_cost_usd: 1,
    daily_trend: [{ date: '2026-11-20', cost_usd: 1, cost_display: 1 }],
    by_model: [{ name: 'gpt-4o', cost_usd: 1, share: 1 }],
  });
  expect(body.data.by_model[0].runs).toMatch(/^\/api\/v1\/runs\?agent=approved&model=gpt-4o&from=/);
  expect(api.costs.asked.map(({ filter }) => filter.agent)).toEqual(['approved', 'approved']);
  expect((await get('/api/v1/costs/agents/agt_gone')).status).toBe(404);
});

test('amounts are shown in another currency beside dollars, never in place of them', async () => {
  const url = '/api/v1/settings/display-currency';
  const put = (body: unknown) => api.call('PUT', url, { key, body });
  const dollars = { currency: 'USD', rate: 1, since: null };
  expect((await get(url)).body.data).toEqual(dollars);
  const euro = { currency: 'EUR', rate: 0.5, since: '2026-11-01T00:00:00.000Z' };
  expect((await put(euro)).body.data).toEqual(euro);
  api.costs.groups.set('agent', [group(['approved'], '2')]);
  const { body } = await get('/api/v1/costs/by-agent');
  expect([body.data[0].cost_usd, body.data[0].cost_display, body.meta.display_currency]).toEqual([
    2,
    1,
    'EUR',
  ]);
  expect((await put({ currency: 'USD', rate: 2 })).status).toBe(400);
  expect((await put({ currency: 'euro', rate: 2 })).status).toBe(400);
  expect((await put({ currency: 'USD', rate: 1 })).body.data).toEqual(dollars);
  const reader = await api.keyWith('cost:read');
  expect((await api.call('PUT', url, { key: reader, body: euro })).status).toBe(403);
});
