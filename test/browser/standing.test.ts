import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { eventually } from '../harness/eventually.ts';
import { ADMIN, freePort, startServer, temporaryFolder } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { findBarriers, launchBrowser, openSignedIn } from './browser.ts';
import type { OpenedPage } from './browser.ts';
import { refundRun, sendTrace } from './telemetry.ts';

/** Pages that stay open while things happen: sessions end, servers start anew, others decide, people edit. */

const TRACE = 'ee0000000000000000000000000000ee';

let folder: string;
let server: TestServer;
let gatewayUrl: string;
let browser: Browser;
let agentId: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const port = await freePort();
  gatewayUrl = `http://127.0.0.1:${port}`;
  const file = path.join(folder, 'gateway.yaml');
  const config = {
    port,
    registry: { unknown: 'allow', unreviewed: 'allow' },
    policies: [{ name: 'pay', rules: [{ tools: ['pay.*'], action: 'human_approval' }] }],
    cli_tools: [{ name: 'pay', bin: 'echo', default_action: 'human_approval' }],
  };
  writeFileSync(file, stringify(config));
  [server, browser] = await Promise.all([
    startServer({ args: ['--gateway', file] }),
    launchBrowser(),
  ]);
  const run = refundRun(TRACE, 'teller', Date.now() - 60_000);
  const exception = { 'exception.type': 'Refused', 'exception.message': 'the charge is gone' };
  const spans = run.spans.map((span) =>
    span.id === 3
      ? { ...span, events: [{ name: 'exception', atMs: 3_900, attributes: exception }] }
      : span,
  );
  await sendTrace(server.url, server.ingestKey, { ...run, spans });
  agentId = await eventually('the agent', async () => {
    const { body } = await server.api('GET', '/api/v1/agents?search=teller');
    return (body.data as { agent_id: string }[])[0]?.agent_id;
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const open = (route: string): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path: route });

async function close({ context, wrongs }: OpenedPage): Promise<void> {
  expect(wrongs).toEqual([]);
  await context.close();
}

const pay = (order: string): Promise<Response> =>
  fetch(`${gatewayUrl}/tool/pay.refund`, {
    method: 'POST',
    headers: { authorization: 'Bearer agent:teller' },
    body: JSON.stringify({ params: { args: [order] } }),
  });

async function barriersInBothThemes(page: Page): Promise<string[]> {
  const found = await findBarriers(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  found.push(...(await findBarriers(page)));
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

/** Opens the dialog that approves the call about an order. */
async function approving(page: Page, order: string): Promise<Locator> {
  const call = page.getByRole('listitem').filter({ hasText: order });
  await call.getByRole('button', { name: 'Approve…' }).click();
  return page.getByRole('dialog', { name: 'Approve this call?' });
}

it('keeps the reason that was typed when the session ends, and goes on after the password', async () => {
  const opened = await open('/approvals');
  const { page, context } = opened;
  const answer = pay('order-1');
  const dialog = await approving(page, 'order-1');
  await dialog.getByRole('textbox').fill('the customer is right');
  await context.clearCookies();
  const again = page.getByRole('dialog', { name: 'Sign in again' });
  await again.getByText('Your session has ended').waitFor();
  expect(await barriersInBothThemes(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await again.getByLabel('Password of admin').fill('wrong');
  await page.keyboard.press('Enter');
  await again.getByText('The password is wrong').waitFor();
  await again.getByLabel('Password of admin').fill(ADMIN.password);
  await page.keyboard.press('Enter');
  await again.waitFor({ state: 'detached' });
  expect(await dialog.getByRole('textbox').inputValue()).toBe('the customer is right');
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
  expect((await answer).status).toBe(200);
  await page.getByText('the customer is right').first().waitFor();
  await close(opened);
});

it('tells the second of two who decide about one call that the first decision stands', async () => {
  const [one, other] = await Promise.all([open('/'), open('/approvals')]);
  const answer = pay('order-2');
  const late = await approving(other.page, 'order-2');
  await late.getByRole('textbox').fill('fine with me');
  const waiting = one.page.getByRole('region', { name: 'Waiting for you' });
  await waiting.getByText('wants').waitFor();
  await waiting.getByRole('button', { name: 'Deny' }).click();
  expect((await answer).status).toBe(403);
  await late.getByRole('button', { name: 'Approve', exact: true }).click();
  await late.getByRole('alert').getByText('was decided before (denied by').waitFor();
  await Promise.all([close(one), close(other)]);
});

it('lets the owner and the checks of an agent be changed by keyboard, without a barrier', async () => {
  const opened = await open(`/agents/${agentId}`);
  const { page } = opened;
  const accounts = page.getByRole('region', { name: 'Owner and budgets' });
  await accounts.getByRole('button', { name: 'Edit' }).press('Enter');
  const details = page.getByRole('dialog', { name: 'Owner, team and purpose' });
  await details.getByLabel('Owner').fill('Ada');
  expect(await barriersInBothThemes(page)).toEqual([]);
  await details.getByLabel('What it is for').fill('Pays back.');
  await details.getByRole('button', { name: 'Keep' }).press('Enter');
  await accounts.getByText('Ada').waitFor();
  await accounts.getByText('Pays back.').waitFor();
  await details.waitFor({ state: 'detached' });

  const checks = page.getByRole('region', { name: 'Checks' });
  const change = checks.getByRole('button', { name: 'Change latency_within_sla' });
  await change.press('Enter');
  const check = page.getByRole('dialog', { name: 'latency_within_sla' });
  await check.getByLabel('max_ms').fill('soon');
  expect(await barriersInBothThemes(page)).toEqual([]);
  await check.getByRole('button', { name: 'Keep' }).press('Enter');
  await check.getByText('max_ms must be a number').waitFor();
  await check.getByLabel('max_ms').fill('1500');
  await check.getByLabel('Severity').selectOption('low');
  await check.getByRole('button', { name: 'Keep' }).press('Enter');
  await checks.getByRole('row', { name: /latency_within_sla yes low Set by a person/ }).waitFor();
  await check.waitFor({ state: 'detached' });
  await page.locator(':focus').and(change).waitFor();
  const { body } = await server.api('GET', `/api/v1/agents/${agentId}/checks`);
  expect((body.data as { overrides: unknown }).overrides).toEqual([
    { check_id: 'latency_within_sla', severity: 'LOW', params: { max_ms: 1_500 } },
  ]);
  await close(opened);
});

it('marks an exception on the bar of its span, which leads to all that was sent of it', async () => {
  const opened = await open(`/traces/${TRACE}`);
  const { page } = opened;
  const row = page.getByRole('row').filter({ hasText: 'execute_tool stripe.create_refund' });
  const mark = row.getByTitle('Exception Refused: the charge is gone');
  await mark.click();
  const panel = page.getByRole('region', { name: 'Span' });
  await panel.getByText('the charge is gone').first().waitFor();
  expect(page.url()).toContain('tab=events');
  expect(await row.textContent()).toContain('1 exception');
  await page.getByRole('button', { name: 'Events', exact: true }).click();
  await mark.waitFor({ state: 'detached' });
  await close(opened);
});

it('says that the server is gone, and shows what is new once it is back, without a reload', async () => {
  const opened = await open('/agents');
  const { page } = opened;
  await page.getByRole('link', { name: 'teller' }).waitFor();
  await server.stop();
  const gone = page.getByText('The server does not answer');
  await gone.waitFor();
  await server.restart();
  await gone.waitFor({ state: 'detached' });
  const trace = TRACE.replaceAll('e', 'f');
  await sendTrace(server.url, server.ingestKey, refundRun(trace, 'newcomer', Date.now() - 9_000));
  await page.getByRole('link', { name: 'newcomer' }).waitFor();
  await close(opened);
});
