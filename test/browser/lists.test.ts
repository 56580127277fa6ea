import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { run } from '../harness/process.ts';
import { ADMIN, startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { RECEIVED_MS } from '../harness/telemetry-store.ts';
import {
  agentSpan,
  chatSpan,
  toolSpan,
  traceIdOf,
  traceRequest,
} from '../harness/trace-builder.ts';
import { findBarriers, launchBrowser, openPage, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';

/** The lists of what ran: filtered, kept as views, and read as conversations. */

let server: TestServer;
let browser: Browser;

const CONVERSATION = 'thread/7?of ada';
const TRACES = ['lists-1', 'lists-2', 'lists-3'];

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const demo = run(process.execPath, [
    'bin/signalbox.js',
    'demo',
    '--once',
    '--seed=7',
    `--url=${server.url}`,
    `--key=${server.ingestKey}`,
  ]);
  expect((await demo.exited).code).toBe(0);
  for (const [at, trace] of TRACES.entries()) await send(conversationTrace(trace, at));
  await eventually('the runs of the demonstration and of the conversation', async () => {
    const all = await runsBy('');
    const own = await runsBy(`&conversation=${encodeURIComponent(CONVERSATION)}`);
    return all.length >= 50 && own.length === 3 ? own : undefined;
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

async function runsBy(query: string): Promise<readonly unknown[]> {
  const { body } = await server.api('GET', `/api/v1/runs?limit=100${query}`);
  return body.data as unknown[];
}

/** What happened ten minutes ago, `at` minutes later. */
function conversationTrace(trace: string, at: number): unknown {
  const said = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
  const history = Array.from({ length: at }, (_, earlier) => [
    said('user', `Question ${earlier}?`),
    said('assistant', `Answer ${earlier}.`),
  ]).flat();
  const asks = {
    role: 'assistant',
    parts: [{ type: 'tool_call', id: `call-${at}`, name: 'look_up', arguments: { at } }],
  };
  const found = {
    role: 'tool',
    parts: [{ type: 'tool_call_response', id: `call-${at}`, response: `found ${at}` }],
  };
  const input = [...history, said('user', `Question ${at}?`)];
  // The builder counts from a time of its own.
  const startMs = Date.now() - RECEIVED_MS - 600_000 + at * 60_000;
  const place = (ms: number) => ({ startMs: startMs + ms, endMs: startMs + ms + 90 });
  const messages = (given: unknown[], answer: unknown) => ({
    'gen_ai.input.messages': JSON.stringify(given),
    'gen_ai.output.messages': JSON.stringify([answer]),
  });
  return traceRequest(trace, [
    agentSpan(`${trace} root`, 'librarian', {
      startMs,
      endMs: startMs + 400,
      attributes: { 'gen_ai.conversation.id': CONVERSATION, 'user.id': 'ada' },
    }),
    chatSpan(`${trace} first`, `${trace} root`, { ...place(0), attributes: messages(input, asks) }),
    toolSpan(`${trace} tool`, `${trace} root`, 'look_up', place(100)),
    chatSpan(`${trace} second`, `${trace} root`, {
      ...place(200),
      attributes: messages([...input, asks, found], said('assistant', `Answer ${at}.`)),
    }),
  ]);
}

async function send(body: unknown): Promise<void> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.ingestKey}` },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

async function open(path: string, options: PageOptions = {}): Promise<OpenedPage> {
  const opened = await openPage(browser, server.url, options);
  const answer = await opened.context.request.post('/auth/session', {
    data: ADMIN,
    headers: { origin: server.url },
  });
  expect(answer.status()).toBe(200);
  await opened.page.goto(path);
  return opened;
}

const THREAD = `/conversations/${encodeURIComponent(CONVERSATION)}`;

describe.each([
  ['/conversations', CONVERSATION],
  [THREAD, 'Answer 2.'],
])('%s', (path, shown) => {
  it.each(['light', 'dark'] as const)('has no barrier in the %s theme', async (theme) => {
    const { page, context, wrongs } = await open(path, { theme });
    await page.getByText(shown).filter({ visible: true }).first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('fits a window of 390 pixels', async () => {
    const { page, context } = await open(path, { width: 390 });
    await page.getByText(shown).filter({ visible: true }).first().waitFor();
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await context.close();
  });
});

describe('a conversation', () => {
  it('that spans three traces is found, and read from its first question to its last answer', async () => {
    const { page, context, wrongs } = await open('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Conversations').click();
    await page.getByLabel('Search conversations').fill('Question 2');
    await page.waitForURL('**/conversations?q=Question+2');
    const row = page.locator('tbody tr').filter({ hasText: CONVERSATION });
    await row.getByText('Answer 2.').waitFor();
    await row.getByRole('link', { name: CONVERSATION }).click();
    const runs = page.getByRole('region', { name: 'Run of librarian' });
    await runs.nth(2).waitFor();
    expect(await runs.count()).toBe(3);
    for (const at of [0, 1, 2]) {
      const said = await runs.nth(at).locator('.part .text').allInnerTexts();
      expect(said).toEqual([
        `Question ${at}?`,
        `{\n  "at": ${at}\n}`,
        `found ${at}`,
        `Answer ${at}.`,
      ]);
    }
    await page.getByLabel('Figures').getByText('in 3 traces').waitFor();
    await runs
      .nth(1)
      .getByRole('link', { name: /^Trace/ })
      .click();
    await page.waitForURL(`**/traces/${traceIdOf(TRACES[1]!)}?**`);
    await page.getByRole('link', { name: CONVERSATION }).click();
    await runs.nth(2).getByRole('link', { name: 'librarian' }).click();
    await page.getByRole('heading', { name: 'Model calls' }).waitFor();
    await page.getByRole('link', { name: CONVERSATION }).click();
    await runs.nth(2).waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });
});
