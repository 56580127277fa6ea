import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ROOT } from '../harness/build.ts';
import { eventually } from '../harness/eventually.ts';
import { finish } from '../harness/process.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { startWebhookReceiver } from '../harness/webhook-receiver.ts';
import { findBarriers, launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';
import { refundRun, sendTrace } from './telemetry.ts';

/** What is set by people: rules, channels, how long things are kept; and how an agent is connected. */

let server: TestServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
  const startedAtMs = Date.now() - 60_000;
  await sendTrace(
    server.url,
    server.ingestKey,
    refundRun('ab'.repeat(16), 'billing-bot', startedAtMs),
  );
  await eventually('the run', async () => {
    const { body } = await server.api('GET', '/api/v1/runs?status=ok');
    const { body: failed } = await server.api('GET', '/api/v1/runs?status=error');
    const runs = [...(body.data as unknown[]), ...(failed.data as unknown[])];
    return runs.length > 0 ? runs : undefined;
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** A signed-in page, at an address. */
const open = (route: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path: route, ...options });

async function close({ context, wrongs }: OpenedPage): Promise<void> {
  expect(wrongs).toEqual([]);
  await context.close();
}

const said = (page: Page, text: string) =>
  page.getByText(text).filter({ visible: true }).first().waitFor();

const PAGES: readonly (readonly [path: string, shown: string])[] = [
  ['/quality?tab=rules', 'There is no rule of your own yet'],
  ['/quality?tab=rules&rule=new', 'Try it on recent runs'],
  ['/quality?tab=checks', 'output_not_empty'],
  ['/quality?tab=judge', 'What the judge is asked'],
  ['/settings/alerts', 'Nobody is told of alerts yet'],
  ['/settings/prices', 'Display currency'],
  ['/settings/retention', 'Everything is kept for good'],
  ['/connect?for=langchain', 'LangChainInstrumentor'],
];

describe.each(PAGES)('%s', (route, shown) => {
  it.each(['light', 'dark'] as const)('has no barrier in the %s theme', async (theme) => {
    const opened = await open(route, { theme });
    await said(opened.page, shown);
    expect(await findBarriers(opened.page)).toEqual([]);
    await opened.page.setViewportSize({ width: 390, height: 844 });
    await said(opened.page, shown);
    expect(await overflowOf(opened.page)).toBeLessThanOrEqual(0);
    await close(opened);
  });
});

describe('settings', () => {
  it('shows the first part, and says so, at an address that names none', async () => {
    const opened = await open('/settings/nothing-of-that-name');
    await said(opened.page, 'What the key is for');
    const selected = opened.page.locator('.page-tabs [aria-current="true"]');
    expect(await selected.allTextContents()).toEqual(['Keys']);
    await close(opened);
  });

  it('says who made a key by name, and has room for one that may do much', async () => {
    const label = 'a key that may do much';
    const scopes = ['registry:read', 'governance:write', 'gateway:call', 'gateway:link'];
    await server.api('POST', '/auth/api-keys', { label, scopes });
    const opened = await open('/settings/keys');
    const row = opened.page.getByRole('row').filter({ hasText: label });
    await row.getByRole('cell', { name: 'you', exact: true }).waitFor();
    expect(await overflowOf(opened.page)).toBeLessThanOrEqual(0);
    await close(opened);
  });
});

describe('a rule of quality', () => {
  it('is tried on recent runs, kept, switched off, and remembered', async () => {
    const opened = await open('/quality?tab=rules');
    const { page } = opened;
    await page.getByRole('link', { name: 'Write the first' }).click();
    await page.getByLabel('Name', { exact: true }).fill('runs are short');
    await page.getByLabel('At most').fill('5000');
    await page.getByRole('button', { name: 'Try it' }).click();
    await said(page, '1 failed');
    await said(page, 'duration_ms is 9000, which is not at most 5000.');

    await page.getByRole('button', { name: 'As JSON' }).click();
    expect(JSON.parse(await page.getByLabel('The rule as JSON').inputValue())).toMatchObject({
      name: 'runs are short',
      definition: { type: 'THRESHOLD_RANGE', measure: 'duration_ms', max: 5000 },
    });
    await page.getByRole('button', { name: 'Keep the rule' }).click();
    await page.waitForURL('**/quality?tab=rules');
    await page.getByRole('checkbox', { name: 'runs are short is on' }).click();
    await said(page, 'runs are short is off from now on.');
    const { body } = await server.api('GET', '/api/v1/quality/rules');
    expect(body.data).toMatchObject([{ name: 'runs are short', enabled: false }]);

    await page.getByRole('link', { name: 'runs are short' }).click();
    const history = page.getByRole('region', { name: 'History' });
    await history.getByText('changed').waitFor();
    await history.getByText('created').waitFor();
    await close(opened);
  });
});

describe('an alert channel', () => {
  it('is made and tried, and shows what the other side answered', async () => {
    const receiver = await startWebhookReceiver();
    const opened = await open('/settings/alerts');
    const { page } = opened;
    await page.getByRole('button', { name: 'New channel' }).click();
    await page.getByLabel('Name', { exact: true }).fill('on call');
    await page.getByLabel('Address').fill(`${receiver.url}/hook?token=hush`);
    await page.getByRole('button', { name: 'Make the channel' }).click();
    await said(page, 'whsec_');
    await page.getByRole('button', { name: 'Send a test' }).click();
    await said(page, 'HTTP 2');
    expect(receiver.received).toHaveLength(1);
    await receiver.close();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await said(page, 'it cannot be reached');
    expect(await findBarriers(page)).toEqual([]);
    await close(opened);
  });
});

describe('how long things are kept', () => {
  it('is set with what it would remove, and a hold', async () => {
    const opened = await open('/settings/retention');
    const { page } = opened;
    await page.getByLabel('Days for which Spans are kept').fill('30');
    await page.getByRole('button', { name: 'Put days on hold' }).click();
    await page.getByLabel('From').fill('2026-11-02');
    await page.getByLabel('Why').fill('case 4711');
    await page.getByRole('button', { name: 'Save' }).click();
    await said(page, 'Nothing is removed by it within the first hour.');
    const { body } = await server.api('GET', '/api/v1/settings/retention');
    expect(body.data).toMatchObject({
      terms: {
        spans_days: 30,
        runs_days: null,
        holds: [{ from: '2026-11-02', to: null, reason: 'case 4711' }],
      },
    });
    await close(opened);
  });
});

describe('someone who has never seen it', () => {
  it('connects an agent by the lines to paste, and sees its first trace arrive', async () => {
    const opened = await open('/connect');
    const { page } = opened;
    await said(page, 'Waiting for the first span');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('The new key').waitFor();
    const lines = await page.getByLabel('Environment variables').innerText();
    const code = await page.getByLabel('@signalbox/sdk', { exact: true }).innerText();
    await runLines(lines, code);
    await said(page, 'Received:');
    await page.getByRole('status').getByRole('link').first().click();
    await page.waitForURL('**/traces/*');
    await said(page, 'invoke_agent my-agent');
    await close(opened);
  });
});

/** The code as it was pasted, in a program of its own beside our packages. */
async function runLines(lines: string, code: string): Promise<void> {
  // Where the packages that it names are found.
  const cache = path.join(ROOT, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'connect-'));
  const file = path.join(folder, 'agent.mjs');
  writeFileSync(file, code);
  const env = Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => /^export (\w+)=(.*)$/.exec(line)!.slice(1, 3) as [string, string]),
  );
  const { code: exit, stderr } = await finish(process.execPath, [file], { cwd: ROOT, env });
  rmSync(folder, { recursive: true });
  expect([exit, stderr]).toEqual([0, '']);
}
