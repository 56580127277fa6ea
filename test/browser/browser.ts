import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

import { ADMIN } from '../harness/server.ts';

/** The few of the browser's names that functions use which run in the page; the rest of the tests runs in Node. */
declare const document: {
  readonly documentElement: { readonly scrollWidth: number };
  addEventListener(
    type: 'securitypolicyviolation',
    listener: (event: {
      readonly violatedDirective: string;
      readonly blockedURI: string;
      readonly sample: string;
    }) => void,
  ): void;
};
declare const innerWidth: number;
declare function reportRefusal(what: string): void;

const EXECUTABLE = '/usr/bin/chromium';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium with a profile of its own, which is deleted when it closes. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS });
}

export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What a page must never do: errors, refused content, requests to other hosts. Empty when all is well. */
  readonly wrongs: string[];
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: 'light' | 'dark';
}

/** A page in a browser profile of its own that writes down whatever goes wrong on it. */
export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, height = 800, theme = 'light' }: PageOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height },
    colorScheme: theme,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const wrongs: string[] = [];
  page.on('pageerror', (error) => wrongs.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // The browser itself reports each answer of 400 and above; tests ask for those on purpose.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      wrongs.push(`console: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== url) wrongs.push(`request to ${request.url()}`);
  });
  await context.exposeFunction('reportRefusal', (what: string) => void wrongs.push(what));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      reportRefusal(`refused: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return { page, context, wrongs };
}

/** The same, signed in as the administrator, at an address. */
export async function openSignedIn(
  browser: Browser,
  url: string,
  { path, ...options }: PageOptions & { readonly path: string },
): Promise<OpenedPage> {
  const opened = await openPage(browser, url, options);
  const answer = await opened.context.request.post('/auth/session', {
    data: ADMIN,
    headers: { origin: url },
  });
  if (answer.status() !== 200) throw new Error(`cannot sign in: ${await answer.text()}`);
  await opened.page.goto(path);
  return opened;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly {
      readonly target: readonly string[];
      readonly failureSummary: string;
    }[];
  }[];
}

/** What axe finds serious or critical on the page as it stands. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy forbids to run text as code.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run(document)',
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  const { violations } = result.value as AxeResult;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} (${node.failureSummary})`),
    );
}

/** How many pixels the page is wider than its window. */
export async function overflowOf(page: Page): Promise<number> {
  return await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
