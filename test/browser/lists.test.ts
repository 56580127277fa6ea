import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { RECEIVED_MS } from '../harness/telemetry-store.ts';
import {
  agentSpan,
  chatSpan,
  toolSpan,
  traceIdOf,
  traceRequest,
} from '../harness/trace-builder.ts';
import { findBarriers, launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';

/** The lists of what ran: filtered, kept as views, and read as conversations. */

let server: TestServer;
let browser: Browser;

const CONVERSATION = 'thread/7?of ada';
const TRACES = ['lists-1', 'lists-2', 'lists-3'];

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  for (const [at, trace] of TRACES.entries()) await send(conversationTrace(trace, at));
  for (let at = 0; at < 4; at++) {
    const place = { startMs: Date.now() - RECEIVED_MS - 900_000 + at * 60_000 };
    const root = agentSpan(`desk ${at} root`, 'support-desk', place);
    await send(traceRequest(`desk ${at}`, [root, chatSpan(`desk ${at} call`, root.id, place)]));
  }
  await eventually('the runs of both agents', async () => {
    const { body } = await server.api('GET', '/api/v1/runs?limit=100');
    const found = body.data as readonly unknown[];
    return found.length === TRACES.length + 4 ? true : undefined;
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

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

/** A signed-in page, at an address. */
const open = (path: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path, ...options });

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

describe('the list of traces', () => {
  const rows = (page: OpenedPage['page']) => page.locator('.traces tbody tr[data-row]');
  const facet = (page: OpenedPage['page'], group: string, value: RegExp) =>
    page.getByRole('group', { name: group }).getByRole('button', { name: value });

  it('is filtered by values in and out, and every step can be gone back', async () => {
    const { page, context, wrongs } = await open('/traces');
    const agents = facet(page, 'Agent', /^support-desk/);
    await agents.click();
    await page.waitForURL('**/traces?agent=support-desk');
    await facet(page, 'Agent', /^librarian/).click();
    await page.waitForURL('**/traces?agent=support-desk&agent=librarian');
    expect(await agents.getAttribute('aria-pressed')).toBe('true');
    await agents.click();
    await page.waitForURL('**/traces?agent=librarian');
    await rows(page).nth(2).waitFor();
    await expect.poll(() => rows(page).count()).toBe(3);
    await page.goBack();
    await page.waitForURL('**/traces?agent=support-desk&agent=librarian');
    await page.goForward();
    await page.waitForURL('**/traces?agent=librarian');
    await page.getByRole('button', { name: 'Remove agent=librarian' }).click();
    await page.waitForURL('**/traces');

    // A stretch of the histogram becomes the time, and is a step, too.
    const box = (await page.locator('.u-over').first().boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.99, box.y + 20, { steps: 5 });
    await page.mouse.up();
    await page.waitForURL('**/traces?from=**');
    await page.goBack();
    await page.waitForURL((url) => url.search === '');
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('completes keys and values of every field and attribute, and says what to do about what it does not know', async () => {
    const { page, context, wrongs } = await open('/traces');
    const bar = page.getByRole('combobox', { name: 'Filter traces' });
    await bar.fill('oper');
    await page.getByRole('option', { name: 'operation=' }).first().click();
    await page.getByRole('option', { name: /^execute_tool/ }).click();
    await page.waitForURL('**/traces?operation=execute_tool');
    await bar.fill('conversation.i');
    await page.getByRole('option', { name: 'gen_ai.conversation.id=' }).click();
    await bar.pressSequentially('thread');
    await page.getByRole('option', { name: CONVERSATION }).waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/traces?operation=execute_tool&attr=gen_ai.conversation.id**');
    await bar.fill('no.such.key=');
    await page.getByText('No span lately has the attribute no.such.key').waitFor();
    await bar.fill('over=soon');
    await page.getByText('“soon” is none: write 250ms, 2s or 1.5min.').waitFor();
    await page.keyboard.press('Enter');
    expect(page.url()).not.toContain('min=');
    expect(wrongs).toEqual([]);
    await context.close();
  });

  it('is kept as a view that the palette opens, and that the page can open with', async () => {
    const { page, context, wrongs } = await open('/runs?agent=librarian&sort=cost');
    await page.getByText('Views', { exact: true }).click();
    await page.getByRole('button', { name: 'Save as a view' }).click();
    await page.getByLabel('Name').fill('What the librarian cost');
    await page.getByLabel('Open the page with it, for me').check();
    expect(await findBarriers(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.views-menu').getByText('What the librarian cost').first().waitFor();

    await page.goto('/agents');
    await page.getByRole('heading', { name: 'Agents' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to anything' }).fill('librarian cost');
    await page.getByRole('option', { name: /What the librarian cost/ }).click();
    await page.waitForURL('**/runs?agent=librarian&sort=cost');

    // Who comes without a wish gets the view; all runs are a choice of their own.
    await page.goto('/costs');
    await page.getByRole('navigation', { name: 'Pages' }).getByText('Runs').click();
    await page.waitForURL('**/runs?agent=librarian&sort=cost');
    const menu = page.locator('.views-menu');
    await menu.locator('summary').click();
    await menu.getByText('All runs').click();
    await page.waitForURL('**/runs?view=all');

    await menu.locator('summary').click();
    await menu.getByRole('link', { name: /What the librarian cost/ }).click();
    await page.waitForURL('**/runs?agent=librarian&sort=cost');
    await menu.locator('summary').click();
    await menu.getByRole('button', { name: 'Delete' }).click();
    await menu.getByRole('button', { name: 'Delete it' }).click();
    await menu.getByText('Views', { exact: true }).waitFor();
    expect(wrongs).toEqual([]);
    await context.close();
  });
});
