import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../../harness/eventually.ts';
import { startServer, type TestServer } from '../../harness/server.ts';

/** A stand-in for a model's endpoint: it finds everything impolite. */
let endpoint: Server;
let server: TestServer;
beforeAll(async () => {
  endpoint = createServer((request, response) => {
    request.resume().on('end', () => {
      const content = JSON.stringify({
        results: [{ criterion: 'polite', pass: false, score: 0.2, reason: 'It does not greet.' }],
      });
      const usage = { prompt_tokens: 120, completion_tokens: 30 };
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ model: 'gpt-5-mini', choices: [{ message: { content } }], usage }),
      );
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  const { port } = endpoint.address() as AddressInfo;
  server = await startServer({
    env: {
      SIGNALBOX_JUDGE_BASE_URL: `http://127.0.0.1:${port}/v1`,
      SIGNALBOX_JUDGE_API_KEY: 'judge-key',
    },
  });
});
afterAll(async () => {
  await server?.dispose();
  endpoint.closeAllConnections();
  endpoint.close();
});

let ids = 0;
const hexId = (digits: number): string => (++ids).toString(16).padStart(digits, '1');
const START_NS = (BigInt(Date.now()) - 60_000n) * 1_000_000n;

interface RunOptions {
  readonly agent: string;
  readonly output: string;
  readonly events?: readonly object[];
  readonly responseId?: string;
}

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const messages = (role: string, content: string): string =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

/** Sends a run of a root and a model call; answers its ids. */
async function sendRun({ agent, output, events = [], responseId = '' }: RunOptions) {
  const [traceId, runId, callId] = [hexId(32), hexId(16), hexId(16)];
  const times = {
    startTimeUnixNano: String(START_NS),
    endTimeUnixNano: String(START_NS + 2_000_000_000n),
  };
  const spans = [
    {
      traceId,
      spanId: runId,
      name: `invoke_agent ${agent}`,
      kind: 1,
      ...times,
      attributes: [
        text('gen_ai.operation.name', 'invoke_agent'),
        text('gen_ai.agent.name', agent),
        text('gen_ai.input.messages', messages('user', 'What do I owe?')),
        text('gen_ai.output.messages', messages('assistant', output)),
      ],
    },
    {
      traceId,
      spanId: callId,
      parentSpanId: runId,
      name: 'chat gpt-5-mini',
      kind: 3,
      ...times,
      events,
      attributes: [
        text('gen_ai.operation.name', 'chat'),
        text('gen_ai.request.model', 'gpt-5-mini'),
        ...(responseId === '' ? [] : [text('gen_ai.response.id', responseId)]),
        { key: 'gen_ai.usage.input_tokens', value: { intValue: '900' } },
        { key: 'gen_ai.usage.output_tokens', value: { intValue: '100' } },
      ],
    },
  ];
  const resource = { attributes: [text('service.name', agent)] };
  await post('/v1/traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  return { traceId, runId, callId };
}

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

interface Result {
  readonly name: string;
  readonly outcome: string;
  readonly source: string;
  readonly run_id: string | null;
  readonly [field: string]: unknown;
}

async function resultOf(query: string): Promise<Result> {
  return await eventually(`a result with ${query}`, async () => {
    const { body } = await server.api('GET', `/api/v1/quality/results?${query}`);
    return (body.data as Result[])[0];
  });
}

test('a wrong sum in an output is found, with the span and the text it stands in', async () => {
  const invoice = JSON.stringify({
    line_items: [{ amount: 10.1 }, { amount: 20.2 }],
    subtotal: 30.4,
  });
  const { traceId, runId } = await sendRun({ agent: 'invoice-reader', output: invoice });
  const found = await resultOf('name=subtotal_arithmetic');
  expect(found).toMatchObject({
    trace_id: traceId,
    run_id: runId,
    agent: 'invoice-reader',
    source: 'check',
    severity: 'HIGH',
    outcome: 'failed',
    expected: '30.3',
    actual: '30.4',
    delta: 0.1,
    evidence: { span_id: runId, value: invoice },
  });
  const { body } = await server.api('GET', `/api/v1/runs/${runId}/quality`);
  const { results, skipped } = body.data as { results: Result[]; skipped: { check_id: string }[] };
  expect(results).toContainEqual(found);
  expect(skipped.map(({ check_id }) => check_id)).toContain('no_tool_loop');
  const summary = await server.api('GET', '/api/v1/quality/summary?days=1&agent=invoice-reader');
  expect(summary.body.data).toMatchObject({ failed: 1 });
});

test('a business rule is held against runs from then on', async () => {
  const rule = {
    name: 'short answers',
    severity: 'LOW',
    definition: { type: 'THRESHOLD_RANGE', measure: 'output_characters', max: 10 },
  };
  expect((await server.api('POST', '/api/v1/quality/rules', rule)).status).toBe(201);
  const { runId } = await sendRun({ agent: 'talker', output: 'That is far too long.' });
  expect(await resultOf(`source=rule&run_id=${runId}`)).toMatchObject({
    name: 'BR: short answers',
    outcome: 'failed',
    delta: 11,
  });
});

test('what a person decides about a check holds for the next run', async () => {
  const refusal = "I'm sorry, I can't help with that.";
  const first = await sendRun({ agent: 'refuser', output: refusal });
  await resultOf(`name=no_refusal_in_output&run_id=${first.runId}`);
  const { body } = await server.api('GET', '/api/v1/agents?search=refuser');
  const [agent] = body.data as { id: string }[];
  const checks = [{ check_id: 'no_refusal_in_output', enabled: false }];
  const { status } = await server.api('PUT', `/api/v1/agents/${agent!.id}/checks`, { checks });
  expect(status).toBe(200);
  const second = await sendRun({ agent: 'refuser', output: refusal });
  await resultOf(`name=error_free&run_id=${second.runId}`);
  const own = await server.api('GET', `/api/v1/runs/${second.runId}/quality`);
  const { results } = own.body.data as { results: Result[] };
  expect(results.map(({ name }) => name)).not.toContain('no_refusal_in_output');
});

describe('evaluations of others in telemetry', () => {
  const attributes = (score: number, name = 'relevance') => [
    text('gen_ai.evaluation.name', name),
    { key: 'gen_ai.evaluation.score.value', value: { doubleValue: score } },
    text('gen_ai.evaluation.score.label', 'pass'),
    text('gen_ai.evaluation.explanation', 'on topic'),
  ];

  test('come as events of a span', async () => {
    const name = 'gen_ai.evaluation.result';
    const events = [{ timeUnixNano: String(START_NS), name, attributes: attributes(0.75) }];
    const { runId, callId } = await sendRun({ agent: 'evaluated', output: 'x', events });
    expect(await resultOf(`source=otel&run_id=${runId}`)).toMatchObject({
      name: 'relevance',
      agent: 'evaluated',
      outcome: 'passed',
      score: 0.75,
      actual: 'pass 0.75',
      message: 'on topic',
      evidence: { span_id: callId, value: '' },
    });
  });

  test('come as log records of a span, or of an answer by its id', async () => {
    const { traceId, runId, callId } = await sendRun({
      agent: 'evaluated',
      output: 'x',
      responseId: 'resp-42',
    });
    const record = { timeUnixNano: String(START_NS), eventName: 'gen_ai.evaluation.result' };
    const logRecords = [
      { ...record, traceId, spanId: callId, attributes: attributes(0.5) },
      {
        ...record,
        attributes: [...attributes(0.25, 'tone'), text('gen_ai.response.id', 'resp-42')],
      },
    ];
    await post('/v1/logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    expect(await resultOf(`source=otel&run_id=${runId}&name=relevance`)).toMatchObject({
      score: 0.5,
    });
    expect(await resultOf(`source=otel&run_id=${runId}&name=tone`)).toMatchObject({
      score: 0.25,
      evidence: { span_id: callId },
    });
  });
});

test('the judge is asked about sampled runs, and its own call is a run with tokens and cost', async () => {
  const settings = {
    enabled: true,
    model: 'gpt-5-mini',
    criteria: [{ name: 'polite', prompt: 'The answer greets.', severity: 'LOW' }],
    agents: ['judged'],
    sample_rate: 1,
  };
  expect((await server.api('PUT', '/api/v1/quality/judge', settings)).status).toBe(200);
  const { runId } = await sendRun({ agent: 'judged', output: 'Pay 5.' });
  expect(await resultOf(`source=judge&run_id=${runId}`)).toMatchObject({
    name: 'polite',
    outcome: 'failed',
    score: 0.2,
    message: 'It does not greet.',
  });
  const own = await eventually('the run of the judge', async () => {
    const { body } = await server.api('GET', '/api/v1/runs?agent=signalbox-judge');
    return (body.data as Record<string, unknown>[])[0];
  });
  expect(own).toMatchObject({ status: 'ok', model_calls: 1 });
  const judge = await server.api('GET', '/api/v1/quality/judge');
  expect(judge.body.data).toMatchObject({
    endpoint_configured: true,
    today: { calls: 1, cost_usd: expect.closeTo(0.00009, 9) as number },
    runs: { judged: 1, failed: 0 },
  });
  expect(JSON.stringify(judge.body)).not.toContain('judge-key');
  const results = await server.api('GET', '/api/v1/quality/results?agent=signalbox-judge');
  expect(results.body.data).toEqual([]);
});

test('results survive a kill, and are not there twice', async () => {
  const before = await server.api('GET', '/api/v1/quality/results?limit=500');
  await server.kill9();
  await server.restart();
  const after = await eventually('results after the restart', async () => {
    const answer = await server.api('GET', '/api/v1/quality/results?limit=500');
    return answer.status === 200 ? answer : undefined;
  });
  expect(after.body.data).toEqual(before.body.data);
});
