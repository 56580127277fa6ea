import { afterAll, beforeAll, expect, test } from 'vitest';

import { NOON_MS, startApi, type TestApi } from '../../test/harness/api.ts';
import { runDetailOf } from '../../test/harness/run-detail.ts';
import type { Conversation } from '../model/conversation.ts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  key = await api.keyWith('monitoring:read');
});
afterAll(() => api.close());

const get = (path: string) => api.call('GET', path, { key });

const conversation: Conversation = {
  id: 'tenant/a?b#ü'.padEnd(500, 'x'),
  agents: ['support-desk'],
  users: [],
  runs: 2,
  failedRuns: 1,
  traces: 2,
  errors: 3,
  modelCalls: 4,
  toolCalls: 0,
  firstNs: BigInt(NOON_MS) * 1_000_000n,
  lastNs: BigInt(NOON_MS + 1_000) * 1_000_000n,
  tokens: { input: 10, output: null, cacheRead: null, cacheWrite: null, reasoning: null },
  cost: null,
  callsUnpriced: 4,
};

const answer = {
  conversation_id: conversation.id,
  agents: ['support-desk'],
  users: [],
  runs: 2,
  failed_runs: 1,
  traces: 2,
  errors: 3,
  model_calls: 4,
  tool_calls: 0,
  first: '2026-11-20T12:00:00.000Z',
  last: '2026-11-20T12:00:01.000Z',
  tokens: { input: 10, output: null, cache_read: null, cache_write: null, reasoning: null },
  cost_usd: null,
  calls_unpriced: 4,
  last_message: null,
};

test('conversations are asked for by all that was filtered for; what was last said is read on demand', async () => {
  api.conversations.rows = [conversation];
  const { status, body } = await get(
    '/api/v1/conversations?from=2026-11-20T12:00:00Z&agent=support-desk&user=ada&text=refund&sort=cost&limit=7',
  );
  expect([status, body]).toEqual([
    200,
    { success: true, data: [answer], meta: { limit: 7, next_cursor: null } },
  ]);
  expect(api.conversations.asked.at(-1)).toEqual({
    filter: { fromMs: NOON_MS, agent: 'support-desk', user: 'ada', text: 'refund' },
    sort: 'cost',
  });
  const { body: withWords } = await get('/api/v1/conversations?preview=true');
  expect(withWords.data[0].last_message).toEqual({
    role: 'assistant',
    text: `the end of ${conversation.id}`,
  });
});

test('a conversation is answered as a thread, whatever characters its id has', async () => {
  const { run } = runDetailOf({ run: { conversation: conversation.id } });
  const part = { text: '{}', truncated: false, id: 't1', name: 'find', cached: false };
  const result = { text: 'none', truncated: true };
  const messages = [
    {
      role: 'assistant',
      agent: '',
      spanId: 'b'.repeat(16),
      parts: [{ ...part, kind: 'tool call' as const, result }],
    },
  ];
  const said = { run, messages, truncated: false };
  api.conversations.threads.set(conversation.id, [said, { ...said, messages: [] }]);
  const path = `/api/v1/conversations/${encodeURIComponent(conversation.id)}`;
  const { status, body } = await get(`${path}?limit=1`);
  expect(status).toBe(200);
  expect(body.data.conversation).toEqual(answer);
  expect(body.data.runs).toHaveLength(1);
  expect(body.data.runs[0].run.run_id).toBe(run.runId);
  expect(body.data.runs[0].messages).toEqual([
    {
      role: 'assistant',
      agent: null,
      span_id: 'b'.repeat(16),
      parts: [{ ...part, kind: 'tool call', result }],
    },
  ]);
  const next = await get(`${path}?cursor=${body.meta.next_cursor}`);
  expect(next.status).toBe(200);
  const wrong = await get(`${path}?cursor=nonsense`);
  expect([wrong.status, wrong.body.code]).toEqual([400, 'VALIDATION_ERROR']);
  const missing = await get('/api/v1/conversations/nobody');
  expect([missing.status, missing.body.error]).toEqual([404, 'there is no conversation nobody']);
});
