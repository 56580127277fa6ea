import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { findBarriers, launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';
import { refundRun, sendTrace } from './telemetry.ts';
import type { SentSpan, SentTrace } from './telemetry.ts';

/** A PNG of one red pixel. */
const RED_PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC';

/** What functions that run in the page use of it. */
declare const navigator: { readonly clipboard: { readText(): Promise<string> } };
interface Canvas {
  getContext(kind: '2d'): {
    getImageData(
      x: number,
      y: number,
      width: number,
      height: number,
    ): { readonly data: Uint8Array };
  };
}
declare const document: { readonly body: { readonly innerText: string } };

const COSTLY = '000000000000000000000000000c0571';
const COSTLY_AGAIN = '000000000000000000000000000c0572';
const SAID = '00000000000000000000000000005a1d';
const HOSTILE = '0000000000000000000000000000bad1';
const ROOT = '0000000000000001';

let server: TestServer;
let browser: Browser;

const chat = (id: number, startMs: number, rest: Partial<SentSpan> = {}): SentSpan => ({
  id,
  parent: 1,
  name: 'chat gpt-4o',
  startMs,
  durationMs: 100,
  ...rest,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.agent.name': 'planner',
    ...rest.attributes,
  },
});
const usage = (input: number, output: number) => ({
  'gen_ai.usage.input_tokens': input,
  'gen_ai.usage.output_tokens': output,
});
const agentSpan = (rest: Partial<SentSpan> = {}): SentSpan => ({
  id: 1,
  name: 'invoke_agent planner',
  startMs: 0,
  durationMs: 2_000,
  attributes: {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'planner',
    ...rest.attributes,
  },
});
const toolSpan = (id: number, startMs: number, tool: string, error?: string): SentSpan => ({
  id,
  parent: 1,
  name: `execute_tool ${tool}`,
  startMs,
  durationMs: 100,
  attributes: { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': tool },
  ...(error === undefined ? {} : { error }),
});

/** An agent that repeats its calls' tokens, two searches side by side, a call without a price. */
function costly(traceId: string, startedAtMs: number, extra: readonly SentSpan[]): SentTrace {
  return {
    traceId,
    service: 'planner',
    startedAtMs,
    spans: [
      agentSpan({ attributes: usage(3_500, 350) }),
      chat(2, 100, { attributes: usage(1_000, 100) }),
      toolSpan(3, 300, 'search'),
      toolSpan(4, 310, 'book', traceId === COSTLY ? 'no seat is left' : undefined),
      chat(5, 600, { attributes: usage(2_000, 200) }),
      chat(6, 800, {
        attributes: { ...usage(500, 50), 'gen_ai.request.model': 'house-model-1' },
      }),
      ...extra,
    ],
  };
}

/** The same exchange as four instrumentations write it. */
function said(startedAtMs: number): SentTrace {
  const openai = {
    'gen_ai.input.messages': JSON.stringify([
      { role: 'user', parts: [{ type: 'text', content: 'Weather in Bonn?' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'call-o', name: 'weather', arguments: { city: 'Bonn' } }],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call-o', result: 'rain' }] },
    ]),
    'gen_ai.output.messages': JSON.stringify([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'Clouds are low.' },
          { type: 'text', content: 'It rains in Bonn.' },
        ],
      },
    ]),
  };
  const anthropic = {
    'input.value': JSON.stringify({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'The long manual', cache_control: { type: 'ephemeral' } },
            {
              type: 'image',
              source: { type: 'base64', media_type: 'image/png', data: RED_PIXEL },
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Count the pages.' },
            { type: 'tool_use', id: 'call-a', name: 'count', input: { of: 'pages' } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 'call-a', content: '42 pages' }],
        },
      ],
    }),
    'output.value': 'It has 42 pages.',
  };
  const openInference = {
    'openinference.span.kind': 'LLM',
    'llm.model_name': 'gpt-4o',
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.content': 'Order 7?',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'call-i',
    'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'look_up',
    'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{"order":7}',
  };
  const vercel = {
    'ai.operationId': 'ai.generateText.doGenerate',
    'ai.model.id': 'gpt-4o',
    'ai.prompt.messages': JSON.stringify([
      { role: 'user', content: [{ type: 'text', text: 'Book the train' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', toolCallId: 'call-v', toolName: 'book', input: { to: 'Köln' } },
        ],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'call-v',
            toolName: 'book',
            output: { type: 'text', value: 'seat 12' },
          },
        ],
      },
    ]),
    'ai.response.text': 'Seat 12 is yours.',
  };
  return {
    traceId: SAID,
    service: 'speaker',
    startedAtMs,
    spans: [
      agentSpan(),
      ...[openai, anthropic, openInference, vercel].map((attributes, at) =>
        chat(10 + at, 100 + at * 200, { attributes }),
      ),
    ],
  };
}

const BIDI = 'invoice\u202Egpj.exe';
const TERMINAL = '\u001b[31mred\u001b[0m';
const LONG = `${'Ж'.repeat(5_000_000)}end`;

function hostile(startedAtMs: number): SentTrace {
  return {
    traceId: HOSTILE,
    service: '<script>alert(1)</script>',
    startedAtMs,
    spans: [
      { ...agentSpan(), name: `<img src=x onerror=alert(1)> ${BIDI} ${TERMINAL}` },
      chat(2, 100, {
        name: LONG,
        attributes: {
          'gen_ai.input.messages': JSON.stringify([
            { role: '<b>user</b>', parts: [{ type: 'text', content: `${BIDI} ${TERMINAL}` }] },
            { role: 'user', parts: [{ type: 'text', content: LONG }] },
          ]),
          'javascript:alert(1)': '<svg onload=alert(1)>',
          long: LONG,
        },
      }),
    ],
  };
}

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const startedAtMs = Date.now() - 60_000;
  const traces = [
    costly(COSTLY, startedAtMs, []),
    costly(COSTLY_AGAIN, startedAtMs + 5_000, [toolSpan(7, 1_200, 'apologise')]),
    said(startedAtMs),
    hostile(startedAtMs),
    refundRun('00000000000000000000000000007efd', 'refund-bot', startedAtMs),
  ];
  for (const trace of traces) await sendTrace(server.url, server.ingestKey, trace);
  for (const [traceId, calls] of [
    [COSTLY, 3],
    [COSTLY_AGAIN, 3],
    [SAID, 4],
    [HOSTILE, 1],
  ] as const) {
    await eventually('the calls of the trace to be counted', async () => {
      const { body } = await server.api('GET', `/api/v1/traces/${traceId}/calls`);
      return (body.data as readonly unknown[]).length === calls ? true : undefined;
    });
  }
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** A signed-in page, at an address. */
const open = (path: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path, ...options });

describe('what a trace cost', () => {
  it('is the same at its root as in its run, and stands at each span and with all below it', async () => {
    const { page, context, wrongs } = await open(
      `/traces/${COSTLY}?cols=tokens,own-tokens,cost,own-cost`,
    );
    const { body } = await server.api('GET', `/api/v1/runs/${ROOT}?trace=${COSTLY}`);
    const { totals, run } = body.data as {
      readonly totals: {
        readonly input_tokens: number;
        readonly output_tokens: number;
        readonly cost_usd: number;
      };
      readonly run: { readonly calls_unpriced: number };
    };
    expect([totals.input_tokens, totals.output_tokens, run.calls_unpriced]).toEqual([3500, 350, 1]);
    const cost = `$${totals.cost_usd.toFixed(4)}`;
    const rows = page.locator('[data-span]');
    await rows.first().getByText(cost).waitFor();
    const figures = await rows.evaluateAll((all) =>
      all.map((row) =>
        [...row.querySelectorAll('.figure')].map(
          (cell) => (cell as { textContent: string }).textContent,
        ),
      ),
    );
    const tokens = (input: string, output: string) => `${input} → ${output}`;
    expect(figures).toEqual([
      [tokens('3,500', '350'), '', `${cost}+?`, ''],
      [tokens('1,000', '100'), tokens('1,000', '100'), '$0.0035', '$0.0035'],
      ['', '', '', ''],
      ['', '', '', ''],
      [tokens('2,000', '200'), tokens('2,000', '200'), '$0.0070', '$0.0070'],
      [tokens('500', '50'), tokens('500', '50'), 'unpriced', 'unpriced'],
    ]);
    const facts = await page.locator('.trace-facts').innerText();
    expect(facts).toContain(cost);

    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByLabel('Cost of the span’s own call').uncheck();
    await page.waitForURL(/cols=tokens%2Cown-tokens%2Ccost$/);
    await rows.first().click();
    const panel = page.getByRole('region', { name: 'Span' });
    await panel.getByText('They are counted where the call was made').waitFor();
    await page.keyboard.press('3');
    await page.getByText('outside').waitFor({ state: 'detached' });
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('stands in the graph of steps, where branches side by side are drawn side by side', async () => {
    const { page, context, wrongs } = await open(`/traces/${COSTLY}?view=graph`);
    const nodes = page.getByRole('group', { name: 'Steps' }).getByRole('button');
    await nodes.first().waitFor();
    await page.getByRole('button', { name: /agent planner.*\$0\.0105/ }).waitFor();
    const search = await page.getByRole('button', { name: /tool search/ }).boundingBox();
    const book = await page.getByRole('button', { name: /tool book/ }).boundingBox();
    expect(search!.y).toBeCloseTo(book!.y, 0);
    expect(Math.abs(search!.x - book!.x)).toBeGreaterThan(search!.width);
    expect(wrongs).toEqual([]);
    await context.close();
  });
});

describe('the failing step', () => {
  it('is found by filter, key and text, and is a link', async () => {
    const { page, context, wrongs } = await open(`/traces/${COSTLY}`);
    const rows = page.locator('[data-span]');
    await rows.first().waitFor();
    await page.getByRole('button', { name: /^Failed/ }).click();
    await page.waitForURL('**?only=errors');
    await expect.poll(() => rows.count()).toBe(2);
    await page.keyboard.press('e');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Span' }).getByText('no seat is left').waitFor();
    expect(new URL(page.url()).searchParams.get('span')).toBe('0000000000000004');
    await page.getByRole('button', { name: /^Failed/ }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('NO SEAT');
    await page.getByText('1 of 1 found').waitFor();
    await page.getByLabel('Levels').selectOption('Roots');
    await expect.poll(() => rows.count()).toBe(1);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('is copied with its whole trace as JSON that a receiver takes', async () => {
    const { page, context, wrongs } = await open(`/traces/${COSTLY}`);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await page.getByText('Copied').waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    const answer = await fetch(`${server.url}/v1/traces`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${server.ingestKey}`,
      },
      body: text,
    });
    const request = JSON.parse(text);
    expect([answer.status, await answer.json()]).toEqual([200, {}]);
    expect(request.resourceSpans[0].scopeSpans[0].spans).toHaveLength(6);
    expect(text).not.toContain('"genai"');
    expect(wrongs).toEqual([]);
    await context.close();
  });
});

describe('two traces', () => {
  it('are picked by x in the list and compared step by step', async () => {
    const { page, context, wrongs } = await open('/traces?agent=planner');
    await page.getByRole('link', { name: 'invoke_agent planner' }).first().waitFor();
    const names = await page.locator('[data-row] [data-row-focus]').allInnerTexts();
    const first = names.indexOf('invoke_agent planner');
    expect(first).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('to compare: x on another').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.waitForURL('**/traces/compare?a=*&b=*');
    expect(wrongs).toEqual([]);

    await page.goto(`/traces/compare?a=${COSTLY}&b=${COSTLY_AGAIN}`);
    await page.getByText('6 steps in both, 0 only in A, 1 only in B').waitFor();
    await page.getByText('2 differences').waitFor();
    const first0 = page.locator('[data-difference="status"]');
    await first0.getByText('first: other outcome').waitFor();
    await page.locator('[data-difference="only b"]').getByText('only in B').waitFor();
    await page.keyboard.press('n');
    await page.keyboard.press('Enter');
    const step = page.getByRole('region', { name: 'Step', exact: true });
    await step.getByText('no seat is left').waitFor();
    await page.waitForURL(/sa=0000000000000004/);
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('are offered as other runs of the agent, also at 390 pixels and in the dark', async () => {
    const { page, context, wrongs } = await open(`/traces/${COSTLY}`, {
      width: 390,
      theme: 'dark',
    });
    await page.getByRole('link', { name: 'Compare with…' }).click();
    await page.getByText('other runs of').waitFor();
    await page.locator('[data-row-focus]').first().click();
    await page.waitForURL('**/traces/compare?a=*&b=*');
    await page.getByText('Differences only').waitFor();
    expect(await overflowOf(page)).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });
});

it('the conversation reads four dialects: roles, reasoning, images, what is cached, results with their calls', async () => {
  const { page, context, wrongs } = await open(`/traces/${SAID}?view=conversation`);
  const talk = page.getByRole('region', { name: 'Conversation' });
  await talk.getByText('Seat 12 is yours.').waitFor();
  const turns = await talk
    .getByRole('listitem')
    .evaluateAll((all) =>
      all.map((item) => [
        item.getAttribute('data-role'),
        (item as unknown as { innerText: string }).innerText.replaceAll(/\s+/g, ' '),
      ]),
    );
  const turn = (role: string, ...parts: readonly string[]) =>
    expect(
      turns.some(([of, text]) => of === role && parts.every((part) => text!.includes(part))),
      `${role}: ${parts.join(', ')} in ${JSON.stringify(turns)}`,
    ).toBe(true);
  turn('user', 'Weather in Bonn?');
  turn('assistant', 'tool call', 'weather', '"city": "Bonn"', 'result', 'rain');
  turn('assistant', 'reasoning', 'Clouds are low.', 'It rains in Bonn.');
  turn('user', 'Cached', 'The long manual', 'image', 'image/png');
  turn('assistant', 'reasoning', 'Count the pages.', 'count', 'result', '42 pages');
  turn('user', 'Order 7?');
  turn('assistant', 'look_up', '"order": 7');
  turn('user', 'Book the train');
  turn('assistant', 'book', 'Köln', 'result', 'seat 12');
  turn('assistant', 'Seat 12 is yours.');
  expect(turns.filter(([, text]) => /\brain\b/.test(text ?? ''))).toHaveLength(1);
  await talk.getByRole('button', { name: 'Show the image' }).click();
  const picture = talk.getByRole('img', { name: 'image/png' });
  await picture.waitFor();
  const pixel = () =>
    picture.evaluate((canvas: unknown) => [
      ...(canvas as Canvas).getContext('2d').getImageData(0, 0, 1, 1).data,
    ]);
  await expect.poll(pixel).toEqual([255, 0, 0, 255]);
  expect(wrongs).toEqual([]);
  await context.close();
});

it('hostile names, attributes and messages of ten megabytes are shown safely, and the page answers', async () => {
  const { page, context, wrongs } = await open(`/traces/${HOSTILE}`);
  const rows = page.locator('[data-span]');
  await rows.first().getByText('<img src=x onerror=alert(1)> invoice\\u{202E}gpj.exe').waitFor();
  expect(await rows.first().innerText()).toContain('\\x1b[31mred');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const panel = page.getByRole('region', { name: 'Span' });
  await panel.getByRole('tab', { name: /Attributes/ }).click();
  await panel.getByText('<svg onload=alert(1)>').waitFor();
  await panel.getByRole('tab', { name: 'Raw' }).click();
  await panel.getByText('As OTLP/JSON').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('3');
  await page.getByRole('region', { name: 'Conversation' }).getByText('\\u{202E}gpj.exe').waitFor();
  expect(await page.evaluate(() => document.body.innerText.length)).toBeLessThan(50_000);
  expect(wrongs).toEqual([]);
  await context.close();
});
