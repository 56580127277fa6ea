import type { LogAttributes } from '@opentelemetry/api-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { dollarsOf } from '../../fixtures/costs/cost-fixture.ts';
import type { ToldFixture, ToldRecord, ToldRun } from '../../fixtures/costs/told-by-logs.ts';
import { CLAUDE_CODE, CODEX_CLI, TOLD_BY_LOGS } from '../../fixtures/costs/told-by-logs.ts';
import { eventually } from '../../harness/eventually.ts';
import type { TestServer } from '../../harness/server.ts';
import { startServer } from '../../harness/server.ts';
import { spanIdOf, traceIdOf, traceRequest } from '../../harness/trace-builder.ts';
import type { Protocol } from '../stock-exporters.ts';
import { createStockExporters } from '../stock-exporters.ts';

const NOON_MS = Date.UTC(2026, 10, 20, 12);
const DAY = 'from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z';
const PROTOCOLS: readonly Protocol[] = ['http/protobuf', 'http/json', 'grpc', 'http/json'];

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ env: { SIGNALBOX_ANALYSIS_ABANDON_AFTER_MS: '2500' } });
  await sendMetrics();
  await Promise.all(
    TOLD_BY_LOGS.map((fixture, at) => send(fixture, fixture.records, PROTOCOLS[at])),
  );
});

afterAll(async () => {
  await server.dispose();
});

type Rename = (attributes: LogAttributes) => LogAttributes;
const SAME: Rename = (attributes) => attributes;

/** Sends the records as the program would, with the stock SDK. */
async function send(
  { service, scope }: Pick<ToldFixture, 'service' | 'scope'>,
  records: readonly ToldRecord[],
  protocol: Protocol = 'http/protobuf',
  rename = SAME,
): Promise<void> {
  const { url, grpcAddress, ingestKey: key } = server;
  const exporter = createStockExporters(protocol, { url, grpcAddress, key, gzip: false }).logs;
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const logger = provider.getLogger(scope);
  for (const { atMs, body, attributes } of records) {
    logger.emit({ timestamp: NOON_MS + atMs, body, attributes: rename({ ...attributes }) });
  }
  await provider.forceFlush();
  await provider.shutdown();
}

/** The same agents count their tokens as metrics too. */
async function sendMetrics(): Promise<void> {
  const timeUnixNano = String(BigInt(NOON_MS) * 1_000_000n);
  const attributes = [attribute('type', 'input'), attribute('model', 'claude-sonnet-4-5-20250929')];
  const sum = {
    aggregationTemporality: 1,
    isMonotonic: true,
    dataPoints: [{ timeUnixNano, asDouble: 1e6, attributes }],
  };
  await post('metrics', {
    resourceMetrics: [
      {
        resource: { attributes: [attribute('service.name', 'claude-code')] },
        scopeMetrics: [{ metrics: [{ name: 'claude_code.token.usage', unit: 'tokens', sum }] }],
      },
    ],
  });
}

async function post(signal: string, body: unknown): Promise<void> {
  const answer = await fetch(`${server.url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

const postSpans = (trace: string, spans: Parameters<typeof traceRequest>[1]): Promise<void> =>
  post('traces', traceRequest(trace, spans));

interface RunRow {
  readonly run_id: string;
  readonly trace_id: string;
  readonly status: string;
  readonly start_unix_nano: string;
}

async function runsOf(conversation: string): Promise<RunRow[]> {
  const { body } = await server.api(
    'GET',
    `/api/v1/runs?conversation=${encodeURIComponent(conversation)}`,
  );
  return (body.data as RunRow[]).toSorted((one, other) =>
    BigInt(one.start_unix_nano) < BigInt(other.start_unix_nano) ? -1 : 1,
  );
}

async function settled(conversation: string, count: number): Promise<RunRow[]> {
  return await eventually(`runs of ${conversation}`, async () => {
    const found = await runsOf(conversation);
    const isOver = found.every(({ status }) => status !== 'running');
    return found.length === count && isOver ? found : undefined;
  });
}

async function withCalls(run: RunRow): Promise<unknown> {
  const path = `/api/v1/runs/${run.run_id}?trace=${run.trace_id}`;
  const { run: row, model_calls: calls } = (await server.api('GET', path)).body.data as {
    run: object;
    model_calls: unknown;
  };
  // The run counts its calls under the name that lists them.
  return { ...row, model_calls: calls };
}

const isNothing = (count: unknown): boolean => count === null || count === 0;

function expectedOf(run: ToldRun): unknown {
  const priced = run.calls.flatMap(({ sum }) => (sum === null ? [] : [dollarsOf(sum)]));
  return {
    agent: run.agent,
    status: run.status,
    conversation: run.conversation,
    user: run.user,
    duration_ms: run.durationMs,
    retries: run.retries,
    tools: run.tools,
    cost_usd: expect.closeTo(
      priced.reduce((sum, cost) => sum + cost, 0),
      10,
    ) as number,
    model_calls: run.calls.map((call) => ({
      origin: 'log',
      failed: call.failed ?? false,
      tokens: {
        input: call.input,
        output: call.output,
        cache_read: call.cacheRead ?? expect.toSatisfy(isNothing),
        cache_write: call.cacheWrite ?? expect.toSatisfy(isNothing),
        reasoning: call.reasoning ?? expect.toSatisfy(isNothing),
      },
      cost_usd: call.sum === null ? null : dollarsOf(call.sum),
      cost_source: call.sum === null ? '' : 'library',
      cost_missing: call.missing ?? '',
    })),
  };
}

/** What the ledger has of a conversation on the day. */
async function spentOn(conversation: string): Promise<{ calls: number; cost_usd: number | null }> {
  const { body } = await server.api('GET', `/api/v1/costs/by-conversation?${DAY}`);
  const groups = body.data as { name: string; calls: number; cost_usd: number | null }[];
  const { calls = 0, cost_usd: cost = null } =
    groups.find(({ name }) => name === conversation) ?? {};
  return { calls, cost_usd: cost };
}

async function storedSpans(): Promise<number> {
  return ((await server.api('GET', '/api/v1/stats')).body.data as { spans: number }).spans;
}

const costOf = ({ runs }: ToldFixture): number =>
  runs
    .flatMap(({ calls }) => calls)
    .reduce((total, { sum }) => total + (sum === null ? 0 : dollarsOf(sum)), 0);

describe('calls of models that log records alone tell of', () => {
  test.each(TOLD_BY_LOGS.map((fixture) => [fixture.name, fixture] as const))(
    '%s: runs, tokens and costs as worked out by hand',
    async (_, fixture) => {
      const [{ conversation }] = fixture.runs as [ToldRun, ...ToldRun[]];
      const runs = await settled(conversation, fixture.runs.length);
      expect(await Promise.all(runs.map(withCalls))).toMatchObject(fixture.runs.map(expectedOf));
    },
  );

  test('their agents are in the registry, with models and tools', async () => {
    const found = await eventually('the agents', async () => {
      const { body } = await server.api('GET', '/api/v1/agents?search=claude-code');
      const [agent] = body.data as { frameworks: string[] }[];
      return agent !== undefined && agent.frameworks.length > 0 ? agent : undefined;
    });
    expect(found).toMatchObject({
      name: 'claude-code',
      frameworks: ['claude_code'],
      tools: ['Bash'],
    });
  });

  test('they cost what the fixtures say, whatever metrics count of the same tokens', async () => {
    for (const fixture of TOLD_BY_LOGS) {
      const [{ conversation }] = fixture.runs as [ToldRun, ...ToldRun[]];
      expect(await spentOn(conversation)).toEqual({
        calls: fixture.runs.flatMap(({ calls }) => calls).length,
        cost_usd: expect.closeTo(costOf(fixture), 10) as number,
      });
    }
  });

  test('records that come late, in any order, again, and across kill -9 count once', async () => {
    const session = 'a session told in pieces';
    const rename: Rename = (attributes) => ({
      ...attributes,
      'session.id': session,
      'prompt.id': JSON.stringify([session, attributes['prompt.id']]),
    });
    const backwards = CLAUDE_CODE.records.toReversed();
    await send(CLAUDE_CODE, backwards.slice(0, 5), 'http/protobuf', rename);
    await server.kill9();
    await server.restart();
    await send(CLAUDE_CODE, backwards.slice(3), 'http/protobuf', rename);
    await eventually('all calls of both runs', async () =>
      (await spentOn(session)).calls === 4 ? true : undefined,
    );
    const before = await storedSpans();
    await send(CLAUDE_CODE, CLAUDE_CODE.records, 'http/json', rename);
    await eventually('the same records again', async () =>
      (await storedSpans()) >= before + 8 ? true : undefined,
    );
    const runs = await settled(session, 2);
    const [first, second] = await Promise.all(runs.map(withCalls));
    expect([first, second]).toMatchObject(
      CLAUDE_CODE.runs.map((run) => ({ ...(expectedOf(run) as object), conversation: session })),
    );
    expect(await spentOn(session)).toEqual({
      calls: 4,
      cost_usd: expect.closeTo(costOf(CLAUDE_CODE), 10) as number,
    });
  });
});

describe('calls that both spans and log records tell of', () => {
  /** Codex' spans: of the turn, and of the answer's end, which names no model. */
  const spans = (session: string): Parameters<typeof traceRequest>[1] => [
    {
      id: `${session} turn`,
      name: 'session_task.turn',
      service: 'codex_cli_rs',
      scope: 'codex_cli_rs',
      startMs: 1_000,
      endMs: 6_000,
      attributes: { 'conversation.id': session, model: 'gpt-5-codex' },
    },
    {
      id: `${session} answer`,
      parent: `${session} turn`,
      name: 'handle_responses',
      service: 'codex_cli_rs',
      scope: 'codex_cli_rs',
      startMs: 2_500,
      endMs: 5_001,
      attributes: {
        'gen_ai.usage.input_tokens': 9_000,
        'gen_ai.usage.cache_read.input_tokens': 6_000,
        'gen_ai.usage.output_tokens': 450,
      },
    },
  ];
  const turn = CODEX_CLI.records.filter(({ atMs }) => atMs > 4_500 && atMs < 10_000);
  const prompt = CODEX_CLI.records.find(({ attributes }) => attributes['prompt_length'] === '20')!;
  const once = { calls: 1, cost_usd: dollarsOf(CODEX_CLI.runs[0]!.calls[1]!.sum!) };

  test.each(['spans first', 'records first'])(
    'count once where neither knows of the other, %s',
    async (order) => {
      const session = `both, ${order}`;
      const rename: Rename = (attributes) => ({ ...attributes, 'conversation.id': session });
      if (order === 'records first') {
        await send(CODEX_CLI, [prompt, ...turn], 'http/json', rename);
        await eventually('the told run', async () => (await runsOf(session))[0]);
      }
      await postSpans(session, spans(session));
      await eventually('the run of the spans', async () =>
        (await runsOf(session)).find((run) => run.trace_id === traceIdOf(session)),
      );
      if (order === 'spans first') await send(CODEX_CLI, [prompt, ...turn], 'http/json', rename);
      const [run, ...others] = await eventually('one run', async () => {
        const found = await runsOf(session);
        return found.length === 1 && found[0]!.trace_id === traceIdOf(session) ? found : undefined;
      });
      expect(others).toEqual([]);
      expect(await withCalls(run!)).toMatchObject({
        status: 'ok',
        model_calls: [{ origin: 'span', model: 'gpt-5-codex', cost_usd: once.cost_usd }],
      });
      expect(await spentOn(session)).toEqual(once);
    },
  );

  test('count once within one trace, with the tools', async () => {
    const session = 'both in one trace';
    const [, request, , result] = CLAUDE_CODE.records as [
      ToldRecord,
      ToldRecord,
      ToldRecord,
      ToldRecord,
    ];
    const claude = { service: 'claude-code', scope: 'com.anthropic.claude_code.tracing' };
    await postSpans(session, [
      {
        ...claude,
        id: `${session} root`,
        name: 'claude_code.interaction',
        endMs: 9_000,
        attributes: { 'span.type': 'interaction', 'session.id': session },
      },
      {
        ...claude,
        id: `${session} call`,
        parent: `${session} root`,
        name: 'claude_code.llm_request',
        startMs: 200,
        endMs: 3_000,
        attributes: {
          'span.type': 'llm_request',
          'session.id': session,
          model: 'claude-sonnet-4-5-20250929',
          input_tokens: 12,
          output_tokens: 340,
          cache_read_tokens: 15_000,
          cache_creation_tokens: 2_000,
        },
      },
      {
        ...claude,
        id: `${session} tool`,
        parent: `${session} root`,
        name: 'claude_code.tool',
        startMs: 3_100,
        endMs: 7_000,
        attributes: {
          'span.type': 'tool',
          tool_name: 'Bash',
          tool_use_id: 'toolu_1',
          success: true,
        },
      },
    ]);
    const within = { traceId: traceIdOf(session), spanId: spanIdOf(`${session} root`) };
    await post('logs', {
      resourceLogs: [
        {
          resource: { attributes: [attribute('service.name', 'claude-code')] },
          scopeLogs: [
            {
              scope: { name: CLAUDE_CODE.scope },
              logRecords: [request, result].map(({ atMs, body, attributes }) => ({
                ...within,
                timeUnixNano: String(BigInt(NOON_MS + atMs) * 1_000_000n),
                body: { stringValue: body },
                attributes: Object.entries({ ...attributes, 'session.id': session }).map(
                  ([key, value]) => attribute(key, value),
                ),
              })),
            },
          ],
        },
      ],
    });
    await eventually('both to be stored', async () => {
      const { body } = await server.api('GET', `/api/v1/traces/${traceIdOf(session)}`);
      return (body.data as { spans: unknown[] } | undefined)?.spans.length === 5 ? true : undefined;
    });
    const [run, ...others] = await settled(session, 1);
    expect(others).toEqual([]);
    expect(await withCalls(run!)).toMatchObject({
      run_id: spanIdOf(`${session} root`),
      span_count: 3,
      tool_calls: 1,
      tools: { Bash: 1 },
      model_calls: [{ span_id: spanIdOf(`${session} call`), origin: 'span' }],
    });
  });
});

function attribute(key: string, value: string | number | boolean): object {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  return { key, value: Number.isInteger(value) ? { intValue: value } : { doubleValue: value } };
}
