import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { launchBrowser, openSignedIn, overflowOf } from './browser.ts';
import { refundRun, sendTrace } from './telemetry.ts';

const TRACE = 'ab0000000000000000000000000000ab';
const LONG = 'a-name-as-long-as-programs-give-to-what-they-start-without-end';

let browser: Browser;
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const run = refundRun(TRACE, LONG, Date.now() - 60_000);
  const spans = run.spans.map((span) => ({
    ...span,
    attributes: { ...span.attributes, 'gen_ai.response.model': LONG, 'gen_ai.request.model': LONG },
  }));
  await sendTrace(server.url, server.ingestKey, { ...run, spans });
  for (const what of ['traces', 'runs', 'quality/results']) {
    await eventually(what, async () => {
      const { body } = await server.api('GET', `/api/v1/${what}`);
      return (body.data as unknown[]).length > 0 ? true : undefined;
    });
  }
});
afterAll(async () => {
  await browser?.close();
  await server?.dispose();
});

/** What a signed-in page shows at an address. */
async function at<T>(path: string, width: number, look: (page: Page) => Promise<T>): Promise<T> {
  const { page, context } = await openSignedIn(browser, server.url, { path, width });
  const seen = await look(page);
  await context.close();
  return seen;
}

async function rightEdge(page: Page, selector: string): Promise<number> {
  const box = await page.locator(selector).first().boundingBox();
  return Math.floor(box!.x + box!.width);
}

it.each([1440, 1280, 1200, 1160, 1000, 860, 500])(
  'keeps the table of traces in its panel at %d pixels',
  async (width) => {
    const [table, panel] = await at('/traces', width, async (page) => {
      await page.locator('.traces tbody a').first().waitFor();
      return [
        await rightEdge(page, '.panel .traces'),
        await rightEdge(page, '.panel:has(.traces)'),
      ];
    });
    expect(table).toBeLessThanOrEqual(panel);
  },
);

it('keeps long names within a window of 390 pixels on every page that has them', async () => {
  const agents = await server.api('GET', '/api/v1/agents');
  const [agent] = agents.body.data as { agent_id: string }[];
  const pages = ['/', '/discovery', '/agents', '/runs', '/traces', '/costs', '/quality'];
  const { page, context } = await openSignedIn(browser, server.url, { path: '/', width: 390 });
  for (const path of [...pages, `/agents/${agent!.agent_id}`, `/traces/${TRACE}`]) {
    await page.goto(path);
    await page.locator('main').getByText(LONG.slice(0, 40)).first().waitFor();
    expect(await overflowOf(page), path).toBeLessThanOrEqual(0);
  }
  await context.close();
});

it('brings the page that is shown into the view of the menu of a narrow window', async () => {
  const [menu, entry] = await at('/settings/keys', 390, async (page) => {
    const groups = page.locator('.menu .groups');
    const current = groups.getByRole('link', { name: 'Settings' });
    return await eventually('the entry in view', async () => {
      const [line, box] = [(await groups.boundingBox())!, (await current.boundingBox())!];
      return box.x + box.width <= line.x + line.width ? ([line, box] as const) : undefined;
    });
  });
  expect(entry.x).toBeGreaterThanOrEqual(menu.x);
});

it('puts no button over the lines to paste', async () => {
  const [lines, button] = await at('/connect', 900, async (page) => {
    await page.locator('.code .copy').first().waitFor();
    const copy = await page.locator('.code .copy').first().boundingBox();
    return [await rightEdge(page, '.code pre'), copy!.x];
  });
  expect(lines).toBeLessThanOrEqual(button);
});

it('keeps the menu where there is no such page, and titles what is unknown', async () => {
  const titles = await at('/nowhere/at/all', 1280, async (page) => {
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    const first = await page.title();
    await page.goto('/agents/agt_unknown');
    await page.getByRole('heading', { name: 'Unknown agent' }).waitFor();
    return [first, await page.title()];
  });
  expect(titles).toEqual(['There is no such page · Signalbox', 'Unknown agent · Signalbox']);
});
