import { afterAll, beforeAll, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import type { TestServer } from '../../harness/server.ts';
import { startServer } from '../../harness/server.ts';
import type { SpanSketch } from '../../harness/trace-builder.ts';
import {
  agentSpan,
  chatSpan,
  spanIdOf,
  toolSpan,
  traceIdOf,
  traceRequest,
} from '../../harness/trace-builder.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ env: { SIGNALBOX_ANALYSIS_ABANDON_AFTER_MS: '6000' } });
});

afterAll(async () => {
  await server.dispose();
});

async function send(trace: string, spans: readonly SpanSketch[]): Promise<void> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
    body: JSON.stringify(traceRequest(trace, spans)),
  });
  expect(answer.status).toBe(200);
}

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads any field of any answer
async function runs(query: string): Promise<any[]> {
  const { status, body } = await server.api('GET', `/api/v1/runs?${query}`);
  expect(status).toBe(200);
  return body.data as unknown[];
}

async function runsOf(trace: string, awaited: (found: readonly { status: string }[]) => boolean) {
  return await eventually(`runs of ${trace}`, async () => {
    const found = await runs(`trace=${traceIdOf(trace)}`);
    return awaited(found) ? found : undefined;
  });
}

test('a run is shown running, then over, and its sub-agent as a run of its own', async () => {
  await send('travel', [
    chatSpan('travel chat', 'travel root', { startMs: 1 }),
    toolSpan('travel tool', 'travel root', 'find_flights', { startMs: 20 }),
  ]);
  const [running] = await runsOf('travel', (found) => found.length === 1);
  expect(running).toMatchObject({
    run_id: spanIdOf('travel root'),
    status: 'running',
    agent: 'svc',
    model_calls: 1,
    tools: { find_flights: 1 },
  });
  await send('travel', [
    agentSpan('travel root', 'planner', {
      endMs: 60,
      attributes: { 'gen_ai.usage.input_tokens': 5000, 'gen_ai.usage.output_tokens': 500 },
    }),
    agentSpan('travel sub', 'booker', { parent: 'travel tool', startMs: 21, endMs: 30 }),
    chatSpan('travel sub chat', 'travel sub', {
      startMs: 22,
      attributes: {
        'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"Book it"}]}]',
      },
    }),
  ]);
  await runsOf(
    'travel',
    (found) => found.length === 2 && found.every(({ status }) => status === 'ok'),
  );
  const answer = await server.api('GET', `/api/v1/executions/${spanIdOf('travel root')}`);
  expect(answer.body.data).toMatchObject({
    run: {
      agent: 'planner',
      duration_ms: 60,
      tokens: { input: 1000, output: 100 },
      cost_usd: 0.0028,
    },
    model_calls: [{ span_id: spanIdOf('travel chat'), cost_usd: 0.0028, cost_source: 'library' }],
    tool_calls: [{ name: 'find_flights', arguments: null }],
    children: [{ agent: 'booker', parent_run_id: spanIdOf('travel root') }],
    totals: { runs: 2, model_calls: 2, input_tokens: 2000, cost_usd: 0.0056 },
  });
});

test('a run whose root never comes is abandoned after the bound, without anything more being sent', async () => {
  await send('lost', [chatSpan('lost chat', 'lost root')]);
  const [run] = await runsOf('lost', ([found]) => found?.status === 'abandoned');
  expect(run).toMatchObject({ run_id: spanIdOf('lost root'), duration_ms: null, model_calls: 1 });
});

test('what was not analysed before a crash is analysed after it', async () => {
  await send('crash', [agentSpan('crash root', 'survivor'), chatSpan('crash chat', 'crash root')]);
  await server.kill9();
  await server.restart();
  const [run] = await runsOf('crash', ([found]) => found?.status === 'ok');
  expect(run).toMatchObject({ agent: 'survivor', model_calls: 1 });
});

test('pages go through all runs once, in every order', async () => {
  for (const sort of ['start', 'cost', 'duration', 'tokens']) {
    const ids: string[] = [];
    let cursor = '';
    do {
      const path = `/api/v1/runs?limit=1&sort=${sort}${cursor}`;
      const { body } = await server.api('GET', path);
      ids.push(...(body.data as { run_id: string }[]).map(({ run_id: id }) => id));
      const next = (body as { meta?: { next_cursor: string | null } }).meta?.next_cursor;
      cursor = next === null || next === undefined ? '' : `&cursor=${next}`;
    } while (cursor !== '');
    expect(ids.toSorted()).toEqual(
      ['travel root', 'travel sub', 'lost root', 'crash root'].map(spanIdOf).toSorted(),
    );
  }
});
