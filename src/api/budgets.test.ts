import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { NOON_MS, sightingOf, startApi, type TestApi } from '../../test/harness/api.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../../test/harness/webhook-receiver.ts';
import { createBudgetBook } from '../analysis/budgets/budget-book.ts';

let api: TestApi;
let receiver: WebhookReceiver;
let key: string;
let names = 0;
let agent: string;

beforeAll(async () => {
  [api, receiver] = await Promise.all([startApi(), startWebhookReceiver()]);
  key = await api.keyWith('cost:read', 'governance:write', 'registry:write', 'admin');
  await call('POST', '/alerts/channels', {
    name: 'hook',
    target: { kind: 'webhook', url: receiver.url },
  });
});
afterAll(async () => {
  await api.close();
  await receiver.close();
});
beforeEach(async () => {
  api.clock.nowMs = NOON_MS;
  api.spend.length = 0;
  for (const budget of await api.store.budgets.list())
    await call('DELETE', `/budgets/${budget.id}`);
  await api.budgetBook.refresh(true);
  await api.delivery.settled();
  receiver.received.length = 0;
  agent = `agent ${(names += 1)}`;
});

const call = (method: string, path: string, body?: unknown) =>
  api.call(method, `/api/v1${path}`, { key, body });

const spent = (
  day: string,
  dollars: number,
  rest: { agent?: string; unpricedCalls?: number } = {},
) =>
  api.spend.push({
    project: 'default',
    agent,
    day,
    cost: BigInt(Math.round(dollars * 1e6)) * 10n ** 6n,
    unpricedCalls: 0,
    ...rest,
  });

const told = async (): Promise<string[]> => {
  await api.delivery.settled();
  return receiver.received.map(({ body }) => JSON.parse(body).data.title);
};

test('answers what is spent of a budget, and what will be by the end of the month', async () => {
  for (let day = 13; day <= 19; day += 1) spent(`2026-11-${day}`, 1);
  spent('2026-11-20', 0.25, { unpricedCalls: 3 });
  spent('2026-10-31', 99);
  spent('2026-11-20', 5, { agent: 'another' });
  await api.budgetBook.refresh(true);
  const { status, body } = await call('POST', '/budgets', {
    scope: 'agent',
    subject: agent,
    amount_usd: 20,
  });
  const answer = {
    id: body.data.id,
    scope: 'agent',
    subject: agent,
    month: null,
    amount_usd: 20,
    thresholds: [50, 80, 100],
    enforced: false,
    period: '2026-11',
    spent_usd: 7.25,
    remaining_usd: 12.75,
    spent_percent: 36.25,
    // Ten days and a half at a dollar.
    forecast_usd: 17.75,
    exhausted: false,
    unpriced_calls: 3,
  };
  expect([status, body.data]).toEqual([201, answer]);
  expect((await call('GET', `/budgets/${answer.id}`)).body.data).toEqual(answer);
  expect((await call('GET', '/budgets')).body.data).toEqual([answer]);
  expect((await call('GET', '/budgets?month=2026-10')).body.data).toEqual([
    {
      ...answer,
      period: '2026-10',
      spent_usd: 99,
      remaining_usd: -79,
      spent_percent: 495,
      forecast_usd: 99,
      exhausted: true,
      unpriced_calls: 0,
    },
  ]);
});

test('is of the agent that its id names, and of none when there is no such agent', async () => {
  spent('2026-11-20', 4);
  await api.budgetBook.refresh(true);
  const { discovered } = await api.registry.observe([sightingOf(agent)]);
  const body = { scope: 'agent', subject: discovered[0], amount_usd: 20 };
  const created = await call('POST', '/budgets', body);
  expect([created.status, created.body.data]).toMatchObject([
    201,
    { subject: agent, spent_usd: 4, remaining_usd: 16 },
  ]);
  const { id } = created.body.data;
  const changed = await call('PUT', `/budgets/${id}`, { ...body, amount_usd: 8 });
  expect(changed.body.data).toMatchObject({ subject: agent, spent_percent: 50 });
  const unknown = { ...body, subject: `agt_${'0'.repeat(30)}` };
  expect((await call('POST', '/budgets', unknown)).status).toBe(404);
});

test('raises an alert once for each threshold and month, also after a restart', async () => {
  await call('POST', '/budgets', { scope: 'agent', subject: agent, amount_usd: 10 });
  const title = (percent: number, month = '2026-11') =>
    `The agent ${agent} has spent ${percent} % of its budget for ${month}`;
  spent('2026-11-20', 4.99);
  await api.budgetBook.refresh();
  expect(await told()).toEqual([]);
  spent('2026-11-19', 0.01);
  await api.budgetBook.refresh();
  await api.budgetBook.refresh();
  expect(await told()).toEqual([title(50)]);
  const { store, alertDesk, clock } = api;
  const restarted = createBudgetBook({
    budgets: store.budgets,
    agents: store.agents,
    activity: { sumSpend: async () => api.spend },
    alertDesk,
    clock: { now: () => clock.nowMs },
  });
  await restarted.refresh();
  expect(await told()).toEqual([title(50)]);
  spent('2026-11-18', 6);
  await restarted.refresh(true);
  await api.budgetBook.refresh(true);
  expect(await told()).toEqual([title(50), title(100)]);
  api.clock.nowMs = Date.UTC(2026, 11, 1, 6);
  await api.budgetBook.refresh();
  expect(await told()).toHaveLength(2);
  spent('2026-12-01', 8);
  await api.budgetBook.refresh();
  expect(await told()).toEqual([title(50), title(100), title(80, '2026-12')]);
});

test('tells thresholds of another amount anew', async () => {
  spent('2026-11-20', 5);
  await api.budgetBook.refresh();
  const edit = { scope: 'agent', subject: agent, thresholds: [50], amount_usd: 10 };
  const { body } = await call('POST', '/budgets', edit);
  expect(await told()).toHaveLength(1);
  await call('PUT', `/budgets/${body.data.id}`, { ...edit, amount_usd: 100 });
  expect(await told()).toHaveLength(1);
  await call('PUT', `/budgets/${body.data.id}`, { ...edit, amount_usd: 5 });
  expect(await told()).toHaveLength(2);
});

test('counts a team by the agents that belong to it, and a project by all, also the unreviewed', async () => {
  const { discovered } = await api.registry.observe([sightingOf(agent), sightingOf(`${agent} b`)]);
  const team = `team ${names}`;
  await call('PATCH', `/agents/${discovered[0]!}`, { team });
  spent('2026-11-20', 2);
  spent('2026-11-20', 3, { agent: `${agent} b` });
  spent('2026-11-20', 4, { agent: '' });
  await api.budgetBook.refresh();
  const set = await call('POST', '/costs/budgets', {
    department: team,
    month: '2026-11',
    budget_amount: 8,
  });
  expect(set.body.data).toMatchObject({
    scope: 'team',
    subject: team,
    spent_usd: 2,
    amount_usd: 8,
  });
  const again = await call('POST', '/costs/budgets', {
    department: team,
    month: '2026-11',
    budget_amount: 2,
  });
  expect(again.body.data).toMatchObject({ id: set.body.data.id, amount_usd: 2, exhausted: true });
  await call('POST', '/budgets', { scope: 'project', amount_usd: 100, enforced: true });
  const states = api.budgetBook.budgetState({ project: 'default', agent });
  expect(
    states.map(({ budget, spent: amount, exhausted }) => [budget.scope, amount, exhausted]),
  ).toEqual([
    ['team', 2n * 10n ** 12n, true],
    ['project', 9n * 10n ** 12n, false],
  ]);
  expect(api.budgetBook.budgetState({ project: 'another', agent })).toEqual([]);
});

test('takes the budget of a month in place of the one for every month', async () => {
  const edit = { scope: 'agent', subject: agent };
  await call('POST', '/budgets', { ...edit, amount_usd: 10 });
  await call('POST', '/budgets', { ...edit, amount_usd: 30, month: '2026-11' });
  const [state] = api.budgetBook.budgetState({ project: 'default', agent });
  expect(state!.budget.month).toBe('2026-11');
  const amounts = async (month: string) =>
    (await call('GET', `/budgets?month=${month}`)).body.data.map(
      ({ amount_usd: amount }: { amount_usd: number }) => amount,
    );
  expect([await amounts('2026-11'), await amounts('2026-12')]).toEqual([[30], [10]]);
});

test('refuses what cannot be, and keeps who changed what', async () => {
  const edit = { scope: 'agent', subject: agent, amount_usd: 10 };
  const { body } = await call('POST', '/budgets', edit);
  const status = async (given: unknown, method = 'POST', path = '/budgets') =>
    (await call(method, path, given)).status;
  expect(await status(edit)).toBe(409);
  expect(await status({ ...edit, amount_usd: -1 })).toBe(400);
  expect(await status({ ...edit, month: '2026-13' })).toBe(400);
  expect(await status({ scope: 'agent', amount_usd: 1 })).toBe(400);
  expect(await status({ scope: 'project', subject: 'x', amount_usd: 1 })).toBe(400);
  expect(await status(edit, 'PUT', '/budgets/bud_none')).toBe(404);
  expect(await status(undefined, 'DELETE', '/budgets/bud_none')).toBe(404);
  await call('PUT', `/budgets/${body.data.id}`, { ...edit, amount_usd: 12 });
  await call('DELETE', `/budgets/${body.data.id}`);
  const filter = { targetId: body.data.id };
  const entries = await api.store.auditLog.find('default', filter, { limit: 9 });
  expect(entries.map(({ action }) => action)).toEqual([
    'budget.removed',
    'budget.changed',
    'budget.created',
  ]);
  expect(entries[1]!.detail).toMatchObject({
    from: { amount_usd: '10' },
    to: { amount_usd: '12' },
  });
});
