import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { openQuality, type TestQuality } from '../../../test/harness/quality.ts';
import { runDetailOf } from '../../../test/harness/run-detail.ts';
import type { SpanBatch } from '../../model/outgoing-telemetry.ts';
import type { RunDetail } from '../../model/run.ts';
import { SYSTEM_ACTOR } from '../../storage/audit-log.ts';
import { createJudge, isWanted, type Judge } from './judge.ts';
import { createJudgeClient, type AskJudge } from './judge-client.ts';
import type { JudgeSettings } from './judge-settings.ts';
import { judgeSettings, loadJudgeSettings } from './judge-settings.ts';
import { daysBefore, dayOf } from './trend.ts';

interface Asked {
  readonly authorization: string | undefined;
  readonly path: string | undefined;
  readonly body: { model: string; messages: { role: string; content: string }[] };
}

/** A stand-in for a model's endpoint, on a real socket: answers what the test says. */
let endpoint: Server;
let baseUrl: string;
let asked: Asked[];
let answer: { status?: number; body: string; headers?: Record<string, string> } | 'never';
let quality: TestQuality;
let project: string;
let projects = 0;

beforeAll(async () => {
  quality = await openQuality();
  endpoint = createServer((request, response) => {
    void readBody(request).then((body) => {
      asked.push({
        authorization: request.headers.authorization,
        path: request.url,
        body: JSON.parse(body) as Asked['body'],
      });
      if (answer === 'never') return;
      response.writeHead(answer.status ?? 200, {
        'content-type': 'application/json',
        ...answer.headers,
      });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1`;
});
afterAll(async () => {
  endpoint.closeAllConnections();
  await new Promise((resolve) => endpoint.close(resolve));
  await quality.close();
});
beforeEach(() => {
  projects += 1;
  project = `judged-${projects}`;
  asked = [];
  answer = completion([
    { criterion: 'polite', pass: true, score: 0.9, reason: 'It thanks.' },
    { criterion: 'complete', pass: false, reason: 'It names no date.' },
  ]);
});

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function completion(results: unknown): { body: string } {
  const content = JSON.stringify({ results });
  const usage = { prompt_tokens: 100, completion_tokens: 20 };
  return {
    body: JSON.stringify({ model: 'judge-1-2026', choices: [{ message: { content } }], usage }),
  };
}

const SETTINGS = judgeSettings.parse({
  enabled: true,
  model: 'judge-1',
  criteria: [
    { name: 'polite', prompt: 'The answer is polite.' },
    { name: 'complete', prompt: 'The answer names a date.', severity: 'HIGH' },
  ],
  sample_rate: 1,
});

async function start(
  settings: JudgeSettings,
  rest: { timeoutMs?: number; price?: bigint | null; ask?: AskJudge } = {},
): Promise<{ judge: Judge; emitted: SpanBatch[] }> {
  const { clock, control, results } = quality;
  const book = await loadJudgeSettings({ settings: control.settings, clock });
  await book.set(project, settings, SYSTEM_ACTOR);
  const emitted: SpanBatch[] = [];
  const { timeoutMs = 5_000, price = 1_000_000_000n } = rest;
  const judge = createJudge({
    ask: rest.ask ?? createJudgeClient({ baseUrl, apiKey: 'a-key', timeoutMs }),
    settings: book,
    store: control.quality,
    results,
    getRun: async (_, { runId }) => runsOf.get(runId),
    priceOf: () => price,
    emit: async (_, batch) => void emitted.push(batch),
    clock,
    newId: (prefix) => `${prefix}_1`,
    onProblem: (message) => {
      throw new Error(message);
    },
  });
  return { judge, emitted };
}

/** Runs as the store has them. */
const runsOf = new Map<string, RunDetail>();
const runOf = (output: string): RunDetail => {
  const runId = (runsOf.size + 1).toString(16).padStart(16, '0');
  const detail = runDetailOf({ run: { project, runId }, output });
  runsOf.set(runId, detail);
  return detail;
};

const stored = async () =>
  (await quality.results.find(project, { filter: {}, after: undefined, limit: 100 })).results;

test('a judged run has a result for each criterion, and the call is traced as a run of its own', async () => {
  const { judge, emitted } = await start(SETTINGS);
  const detail = runOf('Thank you for waiting.');
  await judge.offer([detail]);
  await judge.settled();

  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({
    authorization: 'Bearer a-key',
    path: '/v1/chat/completions',
    body: { model: 'judge-1' },
  });
  const [system, user] = asked[0]!.body.messages;
  expect(system!.content).toContain('- polite: The answer is polite.\n- complete: ');
  expect(user!.content).toBe(
    'Input:\n----- text_1 -----\nWhat is the weather?\n----- text_1 -----\nOutput:\n----- text_1 -----\nThank you for waiting.\n----- text_1 -----',
  );
  expect(await stored()).toMatchObject([
    {
      source: 'judge',
      name: 'polite',
      severity: 'MEDIUM',
      outcome: 'passed',
      score: 0.9,
      message: 'It thanks.',
      evidence: null,
    },
    {
      name: 'complete',
      severity: 'HIGH',
      outcome: 'failed',
      score: 0,
      message: 'It names no date.',
      evidence: { spanId: 'c'.repeat(16), value: 'Thank you for waiting.' },
    },
  ]);
  const [root, chat] = emitted[0]!.spans;
  expect(root).toMatchObject({
    name: 'invoke_agent signalbox-judge',
    attributes: {
      'gen_ai.agent.name': 'signalbox-judge',
      'signalbox.judged.run_id': detail.run.runId,
    },
  });
  expect(chat).toMatchObject({
    traceId: root!.traceId,
    parentSpanId: root!.spanId,
    attributes: {
      'gen_ai.request.model': 'judge-1',
      'gen_ai.response.model': 'judge-1-2026',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
    },
  });
  expect(
    JSON.stringify(emitted, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value)),
  ).not.toContain('Thank you');
  expect(await judge.useOf(project)).toEqual({ day: '2026-11-20', calls: 1, cost: 1_000_000_000n });

  await judge.offer([detail]);
  await judge.settled();
  expect(asked).toHaveLength(1);
});

describe('an answer of another form is no judgement and never a pass', () => {
  const unjudged = async () => (await stored()).map(({ name, outcome }) => `${name} ${outcome}`);

  test.each([
    ['no JSON', { body: 'I think it is fine.' }],
    [
      'words in place of results',
      { body: JSON.stringify({ choices: [{ message: { content: 'pass' } }] }) },
    ],
    ['a text for a truth', completion([{ criterion: 'polite', pass: 'true' }])],
    ['a score out of range', completion([{ criterion: 'polite', pass: true, score: 7 }])],
    ['other criteria', completion([{ criterion: 'witty', pass: true }])],
    [
      'two answers',
      completion([
        { criterion: 'polite', pass: true },
        { criterion: 'polite', pass: false },
      ]),
    ],
    ['no choices', { body: '{"choices": []}' }],
    ['an error', { status: 503, body: '{}' }],
    [
      'an address elsewhere',
      { status: 302, headers: { location: 'http://127.0.0.1:9/' }, body: '' },
    ],
    ['far too much', { body: `"${'x'.repeat(400_000)}"` }],
  ])('%s', async (_, given) => {
    answer = given;
    const { judge, emitted } = await start({
      ...SETTINGS,
      criteria: SETTINGS.criteria.slice(0, 1),
    });
    await judge.offer([runOf('Thank you.')]);
    await judge.settled();
    expect(await unjudged()).toEqual(['polite unjudged']);
    expect(emitted[0]!.spans[0]!.attributes['error.type']).toBeDefined();
  });

  test('no answer in time', async () => {
    answer = 'never';
    const { judge } = await start(SETTINGS, { timeoutMs: 100 });
    await judge.offer([runOf('Thank you.')]);
    await judge.settled();
    expect(await unjudged()).toEqual(['polite unjudged', 'complete unjudged']);
    expect((await stored())[0]!.message).toBe('no answer in 100 ms');
  });

  test('one criterion without an answer does not take the other with it', async () => {
    answer = completion([{ criterion: 'complete', pass: true }]);
    const { judge } = await start(SETTINGS);
    await judge.offer([runOf('On Monday.')]);
    await judge.settled();
    expect(await unjudged()).toEqual(['polite unjudged', 'complete passed']);
  });
});

describe('a day has its bounds', () => {
  const offerMany = async (judge: Judge, count: number): Promise<void> => {
    await judge.offer(Array.from({ length: count }, () => runOf('Thank you.')));
    await judge.settled();
  };

  test('of calls', async () => {
    const { judge } = await start({ ...SETTINGS, calls_per_day: 3 });
    await offerMany(judge, 8);
    expect(asked).toHaveLength(3);
    expect(judge.counts()).toMatchObject({ judged: 3, overBudget: 5, waiting: 0 });
    quality.clock.nowMs += 86_400_000;
    await offerMany(judge, 1);
    quality.clock.nowMs -= 86_400_000;
    expect(asked).toHaveLength(4);
  });

  test('of dollars, which nothing can pass by more than the calls under way', async () => {
    const { judge } = await start({ ...SETTINGS, usd_per_day: 0.0025 });
    for (let index = 0; index < 5; index++) await offerMany(judge, 1);
    expect(asked).toHaveLength(3);
    expect((await judge.useOf(project)).cost).toBe(3_000_000_000n);
  });

  test('of dollars does not bind a model without a price', async () => {
    const { judge } = await start({ ...SETTINGS, usd_per_day: 0.001 }, { price: null });
    await offerMany(judge, 3);
    expect(asked).toHaveLength(3);
  });
});

describe('a run that waits', () => {
  const waiting = async () =>
    (await quality.control.quality.listWaiting(100)).filter((run) => run.project === project);

  test('is judged after a crash, once, whichever moment it was', async () => {
    // The process dies while four are being asked about and two wait.
    let asking = 0;
    let tell = (): void => undefined;
    const fourAsked = new Promise<void>((resolve) => (tell = resolve));
    const ask = (): Promise<never> => {
      if (++asking === 4) tell();
      return new Promise(() => undefined);
    };
    const { judge: crashed } = await start(SETTINGS, { ask });
    const details = Array.from({ length: 6 }, (_, index) => runOf(`Thank you ${index}.`));
    await crashed.offer(details);
    await fourAsked;
    const [first] = details;
    // One was judged, and was not taken off the list yet.
    const { judge: other } = await start(SETTINGS);
    await other.offer([first!]);
    await other.settled();
    const { traceId, runId } = first!.run;
    await quality.control.quality.addWaiting([
      { project, traceId, runId, sinceMs: quality.clock.now() },
    ]);
    expect(await waiting()).toHaveLength(6);
    asked = [];

    const { judge } = await start(SETTINGS);
    await judge.resume();
    // What the journal tells of again meanwhile is in hand already.
    await judge.offer(details);
    await judge.settled();
    expect(asked).toHaveLength(5);
    expect(await waiting()).toEqual([]);
    const polite = (await stored()).filter(({ name }) => name === 'polite');
    expect(polite.map((result) => result.runId).toSorted()).toEqual(
      details.map(({ run }) => run.runId),
    );
  });

  test('is not waited for when it is gone, was passed over, or waited for too long', async () => {
    const { judge } = await start({ ...SETTINGS, calls_per_day: 0 });
    await judge.offer([runOf('Thank you.')]);
    await judge.settled();
    expect(judge.counts()).toMatchObject({ overBudget: 1, waiting: 0 });
    const nowMs = quality.clock.now();
    const old = runOf('Thank you.').run;
    await quality.control.quality.addWaiting([
      { project, traceId: 'f'.repeat(32), runId: 'f'.repeat(16), sinceMs: nowMs },
      { project, traceId: old.traceId, runId: old.runId, sinceMs: nowMs - 8 * 86_400_000 },
    ]);
    const { judge: again } = await start(SETTINGS);
    await again.resume();
    await again.settled();
    expect(asked).toEqual([]);
    expect(await waiting()).toEqual([]);
  });
});

describe('which runs are judged', () => {
  test('follows from their ids, in about the share that was asked for', () => {
    const half = { ...SETTINGS, sample_rate: 0.5 };
    const details = Array.from({ length: 1_000 }, () => runOf('x'));
    const idsAt = (settings: JudgeSettings): string[] =>
      details.filter((detail) => isWanted(detail, settings)).map(({ run }) => run.runId);
    const first = idsAt(half);
    expect(first).toEqual(idsAt(half));
    expect(first.length).toBeGreaterThan(430);
    expect(first.length).toBeLessThan(570);
    const tenth = idsAt({ ...half, sample_rate: 0.1 });
    expect(tenth.filter((id) => !first.includes(id))).toEqual([]);
  });

  test('asks for an output, the agent and the switch', () => {
    const detail = runOf('x');
    expect(isWanted(detail, SETTINGS)).toBe(true);
    expect(isWanted(detail, { ...SETTINGS, enabled: false })).toBe(false);
    expect(isWanted(detail, { ...SETTINGS, sample_rate: 0 })).toBe(false);
    expect(isWanted(detail, { ...SETTINGS, agents: ['assist*'] })).toBe(true);
    expect(isWanted(detail, { ...SETTINGS, agents: ['other'] })).toBe(false);
    expect(isWanted(runDetailOf({ output: null }), SETTINGS)).toBe(false);
    expect(isWanted(runOf(' '), SETTINGS)).toBe(false);
  });
});

test('settings that cannot work are refused, and unknown ones leave the judge off', () => {
  const faults = (settings: object): string[] =>
    judgeSettings.safeParse(settings).error?.issues.map(({ message }) => message) ?? [];
  const { criteria } = SETTINGS;
  expect(judgeSettings.parse({})).toMatchObject({ enabled: false, sample_rate: 0.05 });
  expect(faults({ enabled: true, criteria })).toEqual(['name a model to switch the judge on']);
  expect(faults({ enabled: true, model: 'm' })).toEqual([
    'give a criterion to switch the judge on',
  ]);
  expect(faults({ criteria: [...criteria, ...criteria] })).toEqual([
    'give each criterion a name of its own',
  ]);
  expect(dayOf(Date.parse(daysBefore('2026-03-01', 1)))).toBe('2026-02-28');
});
