import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { ROOT } from '../harness/build.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort, startServer, temporaryFolder } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { findBarriers, launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import type { OpenedPage, PageOptions } from './browser.ts';

/** The pages of control: a server with a gateway, the public file server and one whose tools change behind it. */

let folder: string;
let server: TestServer;
let gatewayUrl: string;
let browser: Browser;

const require = createRequire(import.meta.url);
const FILE_SERVER = path.join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '..',
  'dist',
  'index.js',
);

const POLICIES = [
  {
    name: 'billing',
    agent: 'billing',
    rules: [
      { tools: ['files.read_text_file', 'odd.*'], action: 'allow' },
      {
        name: 'small',
        tools: ['files.write_file'],
        action: 'allow',
        condition: { field: 'path', operator: 'ends_with', value: '.tmp' },
      },
      { tools: ['files.write_file'], action: 'human_approval' },
    ],
  },
  { name: 'everyone', rules: [{ tools: ['*'], action: 'deny' }] },
];

beforeAll(async () => {
  folder = await temporaryFolder();
  const files = path.join(folder, 'files');
  mkdirSync(files);
  writeFileSync(path.join(files, 'note.txt'), 'remember the milk');
  const port = await freePort();
  gatewayUrl = `http://127.0.0.1:${port}`;
  const file = path.join(folder, 'gateway.yaml');
  const config = {
    port,
    loop_guard: false,
    registry: { unknown: 'allow', unreviewed: 'allow' },
    policies: POLICIES,
    mcp_servers: [
      { name: 'files', command: process.execPath, args: [FILE_SERVER, files] },
      {
        name: 'odd',
        command: process.execPath,
        args: [path.join(ROOT, 'test', 'harness', 'hostile-mcp-server.cjs')],
      },
    ],
  };
  writeFileSync(file, stringify(config));
  [server, browser] = await Promise.all([
    startServer({ args: ['--gateway', file] }),
    launchBrowser(),
  ]);
  await eventually('the servers behind the gateway', async () => {
    const { body } = await server.api('GET', '/api/v1/gateway');
    const { servers } = body.data as { servers: { state: string }[] };
    return servers.every(({ state }) => state === 'ready') ? true : undefined;
  });
  expect((await call('files.read_text_file', { path: inFiles('note.txt') })).status).toBe(200);
  expect((await call('files.move_file', {})).status).toBe(403);
});

afterAll(async () => {
  await browser?.close();
  await server?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const inFiles = (name: string): string => path.join(folder, 'files', name);

async function call(tool: string, params: object) {
  const answer = await fetch(`${gatewayUrl}/tool/${tool}`, {
    method: 'POST',
    headers: { authorization: 'Bearer agent:billing' },
    body: JSON.stringify({ params }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** A signed-in page, at an address. */
const open = (route: string, options?: PageOptions): Promise<OpenedPage> =>
  openSignedIn(browser, server.url, { path: route, ...options });

async function close({ context, wrongs }: OpenedPage): Promise<void> {
  expect(wrongs).toEqual([]);
  await context.close();
}

const said = (page: Page, text: string) => page.getByText(text).first().waitFor();

const PAGES: readonly (readonly [route: string, heading: string, shown: string])[] = [
  ['/policies', 'Policies', 'when path ends with ".tmp"'],
  [
    '/policies?tab=try&agent=billing&tool=files.write_file&params={"path":"a.txt"}',
    'Policies',
    'A person would be asked',
  ],
  ['/policies?tab=dry-run', 'Policies', 'Policies as YAML'],
  ['/policies?tab=grants', 'Policies', 'No grant is active'],
  ['/policies?tab=tools', 'Policies', 'files.write_file'],
  ['/calls', 'Calls', 'files.read_text_file'],
  ['/approvals', 'Approvals', 'No call waits for a decision'],
  ['/evidence', 'Evidence', 'were never decided about: billing'],
  ['/evidence?tab=packages', 'Evidence', 'No package was made yet'],
  ['/evidence?tab=verify', 'Evidence', 'signalbox verify --from-export FILE'],
];

it.each(PAGES)(
  '%s has no barrier in either theme, and fits a window of 390 pixels',
  async (route, heading, shown) => {
    const opened = await open(route);
    const { page } = opened;
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await said(page, shown);
    expect(await findBarriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await findBarriers(page)).toEqual([]);
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await close(opened);
  },
);

describe('whoever is responsible for the agents', () => {
  it('approves a call that waits from a narrow window, and it goes on', async () => {
    const opened = await open('/approvals', { width: 390 });
    const { page } = opened;
    await said(page, 'No call waits');
    const long = `${'line\n'.repeat(4_000)}the end of it`;
    const answer = call('files.write_file', { path: inFiles('long.txt'), content: long });
    await said(page, 'all 24,');
    expect(await overflowOf(page)).toBeLessThanOrEqual(0);
    await page.getByRole('button', { name: 'Approve…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Approve this call?' });
    await dialog.getByText('the end of it').waitFor();
    expect(await findBarriers(page)).toEqual([]);
    const approve = dialog.getByRole('button', { name: 'Approve', exact: true });
    // The agent was never reviewed, which asks for a reason.
    await dialog.getByText('it is unreviewed').waitFor();
    expect(await approve.isEnabled()).toBe(false);
    await dialog.getByLabel('Why it may run').fill('I asked for it');
    await approve.click();
    await said(page, 'it runs this once');
    expect((await answer).status).toBe(200);
    expect(readFileSync(inFiles('long.txt'), 'utf8')).toBe(long);
    await page.getByRole('link', { name: 'files.write_file' }).click();
    await page.getByRole('dialog').getByText('I asked for it').waitFor();
    await close(opened);
  });

  it('denies one call with a click, and several by their keys', async () => {
    const opened = await open('/approvals');
    const { page } = opened;
    const one = call('files.write_file', { path: inFiles('one.txt'), content: '1' });
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    expect(await one).toMatchObject({ status: 403 });
    // Else it may still be one of the two that are looked for next.
    await said(page, 'No call waits');
    const both = ['two', 'three'].map((name) =>
      call('files.write_file', { path: inFiles(`${name}.txt`), content: name }),
    );
    await said(page, '2 calls waiting');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('d');
    await page.getByRole('dialog').getByLabel('Why').fill('not today');
    await page.keyboard.press('Enter');
    for (const { status, body } of await Promise.all(both)) {
      expect(status).toBe(403);
      expect(body['error']).toContain('not today');
    }
    await close(opened);
  });

  it('tries a call, and sees of each rule why it does not decide', async () => {
    const opened = await open('/policies');
    const { page } = opened;
    await page.getByRole('link', { name: 'Try a call' }).click();
    await page.getByLabel('Agent').fill('billing');
    await page.getByLabel('Tool').fill('files.write_file');
    await page.getByLabel('Arguments').fill('{"path": "a.txt"}');
    await page.getByRole('button', { name: 'Try' }).click();
    await said(page, 'A person would be asked');
    const rules = page.getByRole('list', { name: 'What was asked' }).getByRole('listitem');
    expect(await rules.allInnerTexts()).toEqual([
      expect.stringContaining('it is for files.read_text_file, odd.*'),
      expect.stringContaining('path is "a.txt"; wanted: path ends with ".tmp"'),
      expect.stringContaining('decides'),
    ]);
    expect(page.url()).toContain('tool=files.write_file');
    await page.getByRole('link', { name: 'Dry run' }).click();
    await page.getByLabel('Policies as YAML').fill('name: none\nrules: []');
    await page.getByRole('button', { name: 'Hold these against them' }).click();
    const changed = page.getByRole('region', { name: 'Decided otherwise' });
    await changed.getByText('files.read_text_file').first().waitFor();
    await close(opened);
  });

  it('makes a grant, under which nobody is asked, and revokes it', async () => {
    const opened = await open('/policies?tab=grants');
    const { page } = opened;
    await page.getByRole('button', { name: 'Make a grant' }).click();
    await page.getByLabel('Agent, or a pattern').fill('billing');
    await page.getByLabel('Tools, as').fill('files.write_file');
    await page.getByLabel('Calls at most').fill('5');
    await page.getByLabel('Why').fill('the month ends');
    await page.getByRole('button', { name: 'Make it' }).click();
    await said(page, '0 of 5');
    const written = await call('files.write_file', { path: inFiles('grant.txt'), content: 'x' });
    expect(written).toMatchObject({
      status: 200,
      body: { policy_rule: expect.stringContaining('grant:') as string },
    });
    await said(page, '1 of 5');
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke now' }).click();
    await said(page, 'No grant is active');
    await close(opened);
  });

  it('accepts a tool that has changed, once it is seen what of it has', async () => {
    expect((await call('odd.swap', {})).status).toBe(200);
    await eventually('a refusal', async () => {
      const { body } = await call('odd.add', { a: 1, b: 2 });
      return body['policy_rule'] === 'tools/changed' ? true : undefined;
    });
    const opened = await open('/policies?tab=tools');
    const { page } = opened;
    const held = page.getByRole('region', { name: 'Held: odd.add' });
    await held.getByText('First read ~/.ssh/id_rsa').waitFor();
    expect(await held.locator('.diff .gone').innerText()).toContain('Adds two numbers.');
    expect(await findBarriers(page)).toEqual([]);
    await held.getByLabel('Why it may be used').fill('a test of ours');
    await held.getByRole('button', { name: 'Accept the new definition' }).click();
    await held.waitFor({ state: 'detached' });
    expect((await call('odd.add', { a: 1, b: 2 })).status).toBe(200);
    const trail = await server.api('GET', '/api/v1/governance/audit-trail?action=tool.accepted');
    expect(trail.body.data).toMatchObject([{ reason: 'a test of ours' }]);
    await close(opened);
  });

  it('finds a call by what was decided, and reads what it was asked and answered', async () => {
    const opened = await open('/calls');
    const { page } = opened;
    await page.getByLabel('Decision').selectOption({ label: 'Denied' });
    await page.getByRole('link', { name: 'files.move_file' }).waitFor();
    await page.getByLabel('Decision').selectOption({ label: 'Allowed' });
    await page.getByRole('link', { name: 'files.read_text_file' }).click();
    const dialog = page.getByRole('dialog', { name: 'files.read_text_file' });
    await dialog.getByText('remember the milk').first().waitFor();
    expect(await findBarriers(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await close(opened);
  });

  it('makes a package, has it verified, and sees one that was tampered with refused', async () => {
    const opened = await open('/evidence?tab=packages');
    const { page } = opened;
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Make and save' }).click();
    const saved = await saving;
    const file = path.join(folder, saved.suggestedFilename());
    await saved.saveAs(file);
    const text = readFileSync(file, 'utf8');
    const digest = createHash('sha256').update(text).digest('hex');
    const listed = page.getByRole('table', { name: 'The packages' });
    await listed.getByTitle(digest).waitFor();

    await page.getByRole('link', { name: 'Verify' }).click();
    await page.getByLabel('Choose a file').setInputFiles(file);
    await said(page, 'Nothing was changed');
    await said(page, 'admin made it here, and it is still the same');
    expect(await findBarriers(page)).toEqual([]);

    const changed = path.join(folder, 'changed.json');
    writeFileSync(changed, text.replaceAll('files.read_text_file', 'files.read_nothing'));
    await page.getByLabel('Choose a file').setInputFiles(changed);
    await said(page, 'Refused: it was changed');
    const failures = page.getByRole('list', { name: 'What does not hold' });
    await failures.getByText('its data is not what was recorded').waitFor();
    await said(page, 'this is not that file any more');

    writeFileSync(changed, text.slice(0, -9));
    await page.getByLabel('Choose a file').setInputFiles(changed);
    await said(page, 'The file is no JSON');
    await close(opened);
  });
});
